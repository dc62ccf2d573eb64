// Transfer learning and datasets: a base is cut, frozen and given a head, which learns from tf.data with an early stop.
const tf = require('@tensorflow/tfjs-node');

function makeBase() {
  const input = tf.input({ shape: [8, 8, 1] });
  const features = tf.layers
    .conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'features' })
    .apply(input);
  const pooled = tf.layers.globalAveragePooling2d({ name: 'pooled' }).apply(features);
  const output = tf.layers.dense({ units: 3, activation: 'softmax', name: 'old_head' }).apply(pooled);
  return tf.model({ inputs: input, outputs: output });
}

async function run() {
  await tf.ready();
  const saved = makeBase().toJSON(null, false);
  const base = await tf.models.modelFromJSON(saved);
  const cut = tf.model({ inputs: base.inputs, outputs: base.getLayer('features').output });
  for (const layer of cut.layers) layer.trainable = false;
  const frozen = cut.layers[1].getWeights()[0].dataSync().slice();

  const flat = tf.layers.flatten().apply(cut.output);
  const head = tf.layers.dense({ units: 2, kernelInitializer: 'zeros' }).apply(flat);
  const model = tf.model({ inputs: cut.inputs, outputs: head });
  model.compile({
    optimizer: tf.train.adam(0.05),
    loss: tf.losses.softmaxCrossEntropy,
    metrics: ['accuracy'],
  });

  const samples = Array.from({ length: 40 }, (_, n) => ({
    image: Array.from({ length: 64 }, (_, i) => [i % 8 < 4 === (n % 2 === 0) ? 1 : 0.1 * ((i + n) % 3)]),
    label: n % 2,
  }));
  const xs = tf.data
    .array(samples.map(({ image }) => image))
    .map((image) => tf.tensor(image).reshape([8, 8, 1]));
  const ys = tf.data.array(samples.map(({ label }) => label)).map((label) => tf.oneHot(label, 2));
  const dataset = tf.data.zip({ xs, ys }).shuffle(40).batch(8);
  const { history } = await model.fitDataset(dataset, {
    epochs: 30,
    verbose: 0,
    validationData: tf.data.zip({ xs, ys }).batch(40),
    callbacks: [
      tf.callbacks.earlyStopping({ monitor: 'val_acc', patience: 3 }),
      new tf.CustomCallback({ onTrainEnd: () => console.log('trained') }),
    ],
  });
  const [, accuracy] = await model.evaluateDataset(tf.data.zip({ xs, ys }).batch(16));
  const kept = cut.layers[1].getWeights()[0].dataSync();
  console.log(
    `RESULT ${JSON.stringify({
      epochs: history.loss.length,
      accuracy: accuracy.dataSync()[0],
      kept: frozen.every((value, i) => value === kept[i]),
      classes: [saved.class_name, base.getLayer(null, 1).getClassName()],
    })}`,
  );
}

run();
