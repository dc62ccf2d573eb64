// Handwritten-digit-like images, a small LeNet, plain SGD: the calls of TF.js's mnist-node example.
const tf = require('@tensorflow/tfjs-node');

const HEIGHT = 28;
const WIDTH = 28;
const CLASSES = 10;

/** `count` images of 0 to 255, each with a bar whose place and direction tell its class, and noise. */
function drawImages(count, seed) {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const images = [];
  const labels = [];
  for (let n = 0; n < count; n++) {
    const label = Math.floor(random() * CLASSES);
    const image = new Uint8Array(HEIGHT * WIDTH);
    for (let i = 0; i < image.length; i++) image[i] = random() * 60;
    const at = 3 + (label % 5) * 5 + Math.floor(random() * 2);
    for (let along = 4; along < 24; along++) {
      for (let across = 0; across < 3; across++) {
        const [row, column] = label < 5 ? [at + across, along] : [along, at + across];
        image[row * WIDTH + column] = 200 + random() * 55;
      }
    }
    images.push(Float32Array.from(image, (pixel) => pixel / 255));
    labels.push(label);
  }
  return { images, labels };
}

function toTensors({ images, labels }) {
  tf.util.assert(
    images.length === labels.length,
    `There are ${images.length} images but ${labels.length} labels`,
  );
  const shape = [images.length, HEIGHT, WIDTH, 1];
  const pixels = new Float32Array(tf.util.sizeFromShape(shape));
  const classes = new Int32Array(tf.util.sizeFromShape([images.length, 1]));
  let offset = 0;
  for (let i = 0; i < images.length; i++) {
    pixels.set(images[i], offset);
    classes.set([labels[i]], i);
    offset += HEIGHT * WIDTH;
  }
  return {
    images: tf.tensor4d(pixels, shape),
    labels: tf.oneHot(tf.tensor1d(classes, 'int32'), CLASSES).toFloat(),
  };
}

const model = tf.sequential();
model.add(
  tf.layers.conv2d({
    inputShape: [HEIGHT, WIDTH, 1],
    kernelSize: 5,
    filters: 8,
    strides: 1,
    activation: 'relu',
    kernelInitializer: 'varianceScaling',
  }),
);
model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
model.add(
  tf.layers.conv2d({
    kernelSize: 5,
    filters: 16,
    strides: 1,
    activation: 'relu',
    kernelInitializer: 'varianceScaling',
  }),
);
model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 10, kernelInitializer: 'varianceScaling', activation: 'softmax' }));
model.compile({ optimizer: tf.train.sgd(0.15), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

async function main(epochs, batchSize, savePath) {
  const train = toTensors(drawImages(800, 1));
  model.summary();

  const validationSplit = 0.15;
  const batches = Math.ceil((train.images.shape[0] * (1 - validationSplit)) / batchSize);
  let began;
  let ticks;
  let perBatch;
  await model.fit(train.images, train.labels, {
    epochs,
    batchSize,
    validationSplit,
    callbacks: {
      onEpochBegin: async (epoch) => {
        console.log(`Epoch ${epoch + 1} / ${epochs}`);
        ticks = 0;
        began = tf.util.now();
      },
      onBatchEnd: async (batch) => {
        ticks++;
        if (batch === batches - 1) perBatch = (tf.util.now() - began) / batches;
        await tf.nextFrame();
      },
      onEpochEnd: async (_epoch, logs) => {
        console.log(`batches: ${ticks} of ${batches}; ${perBatch.toFixed(2)} ms each`);
        console.log(`loss: ${logs.loss.toFixed(3)} (train), ${logs.val_loss.toFixed(3)} (val)`);
        console.log(`accuracy: ${logs.acc.toFixed(3)} (train), ${logs.val_acc.toFixed(3)} (val)`);
        await tf.nextFrame();
      },
    },
  });

  const test = toTensors(drawImages(200, 2));
  const results = model.evaluate(test.images, test.labels);
  const [loss, accuracy] = results.map((result) => result.dataSync()[0]);
  console.log(`Evaluation result: loss = ${loss.toFixed(3)}; accuracy = ${accuracy.toFixed(3)}`);

  await model.save(`file://${savePath}`);
  const loaded = await tf.loadLayersModel(`file://${savePath}/model.json`);
  const same = tf.tidy(() => {
    const ours = model.predict(test.images).argMax(-1);
    const theirs = loaded.predict(test.images).argMax(-1);
    return ours.equal(theirs).all();
  });
  console.log(
    `Saved to ${savePath}; loaded again it predicts ${same.dataSync()[0] ? 'the same' : 'otherwise'}`,
  );
  tf.dispose([train, test, results, same]);
  console.log(`RESULT ${JSON.stringify({ loss, accuracy })}`);
}

main(Number(process.argv[2]), Number(process.argv[3]), process.argv[4]);
