// Convolutions in pairs, dropout, RMSProp by name, data in batches and on scalars' tensors: as TF.js's tutorials write it.
const tf = require('@tensorflow/tfjs-node');

const SIZE = 12;

/** Images [n, 12, 12, 1] of 0 to 255 with a bright quarter, the class, and one-hot labels. */
function makeSet(count) {
  return tf.tidy(() => {
    const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % 4);
    const pixels = new Uint8Array(count * SIZE * SIZE);
    labels.forEach((label, n) => {
      for (let i = 0; i < SIZE * SIZE; i++) {
        const quarter = (Math.floor(i / SIZE) >= SIZE / 2 ? 2 : 0) + (i % SIZE >= SIZE / 2 ? 1 : 0);
        pixels[n * SIZE * SIZE + i] = (quarter === label ? 150 : 20) + ((n * 31 + i * 17) % 60);
      }
    });
    const xs = tf.tensor4d(Float32Array.from(pixels), [count, SIZE, SIZE, 1]).div(tf.scalar(255));
    const ys = tf.oneHot(tf.tensor1d(labels, 'int32'), 4);
    return { xs, ys };
  });
}

function createModel() {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [SIZE, SIZE, 1], filters: 8, kernelSize: 3, activation: 'relu' }),
      tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: [2, 2] }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.25 }),
      tf.layers.dense({ units: 32, activation: 'relu' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

async function run() {
  const before = tf.memory().numTensors;
  const { xs, ys } = makeSet(240);
  const model = createModel();
  model.summary(60, [0.5, 0.8, 1], (line) => console.log(`| ${line}`));
  const history = await model.fit(xs, ys, { epochs: 6, batchSize: 16, validationSplit: 0.2, verbose: 0 });
  console.log(`logs: ${Object.keys(history.history).join(' ')}; epochs: ${history.epoch.join(' ')}`);

  const [loss, accuracy] = model.evaluate(xs, ys, { batchSize: 64 });
  const scores = model.predict(xs.slice([0, 0, 0, 0], [8, SIZE, SIZE, 1]));
  const predicted = Array.from(scores.argMax(1).dataSync());
  const actual = Array.from(ys.slice([0, 0], [8, 4]).argMax(-1).dataSync());
  console.log(`predicted ${predicted.join(' ')}; actual ${actual.join(' ')}`);

  const batchLoss = await model.trainOnBatch(xs.slice(0, 32), ys.slice(0, 32));
  loss.print();
  accuracy.print(true);
  tf.dispose({ xs, ys, loss, scores });
  console.log(
    `RESULT ${JSON.stringify({
      accuracy: (await accuracy.data())[0],
      batchLoss: batchLoss[0],
      left: tf.memory().numTensors >= before,
    })}`,
  );
}

run();
