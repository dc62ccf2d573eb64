// Trains a network for two epochs with each number of threads, and writes the hashes of its weights, losses and
// predictions as JSON. Plain CommonJS, since it also runs in Node under qemu. Usage:
// train.cjs <package folder> <images and labels> <result file> <number of images> <threads,...> <network>...
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [folder, dataFile, resultFile, imageCount, threadCounts, ...names] = process.argv.slice(2);
const tf = require(join(folder, 'dist', 'main.js'));
const count = Number(imageCount);
const PIXELS = 28 * 28;

const NETWORKS = {
  lenet: () =>
    tf.sequential([
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
      tf.layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 256, activation: 'relu' }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ]),
  // Batch normalization, dropout and augmentation, over the kinds of convolution that LeNet lacks.
  augmented: () =>
    tf.sequential([
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
      tf.layers.randomFlip({ mode: 'horizontal' }),
      tf.layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      tf.layers.randomContrast({ factor: 0.2 }),
      tf.layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', useBias: false }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: 'gelu' }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      tf.layers.conv2d({ filters: 48, kernelSize: 1, activation: 'silu' }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 64, activation: 'tanh', kernelRegularizer: 'l2' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ]),
};

async function train(name, threads) {
  tf.setThreads(threads);
  tf.setSeed(11);
  const model = NETWORKS[name]();
  const optimizer = tf.optimizers.adam({ learningRate: 0.001, clipNorm: 1 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const data = readFileSync(dataFile);
  const x = tf.tensor(new Uint8Array(data.subarray(0, count * PIXELS)), [count, 28, 28, 1], 'uint8');
  const y = tf.tensor(Int32Array.from(data.subarray(count * PIXELS)), [count], 'int32');
  const { history } = await model.fit(x, y, {
    epochs: 2,
    batchSize: 100,
    seed: 12,
    shuffle: true,
    verbose: 0,
  });
  const outputs = await model.predict(x.slice(0, 200));
  const hash = createHash('sha256');
  for (const tensor of [...model.getWeights(), outputs])
    hash.update(new Uint8Array(tensor.dataSync().slice().buffer));
  hash.update(JSON.stringify(history.loss));
  return { name, threads, hash: hash.digest('hex').slice(0, 16), loss: history.loss };
}

async function main() {
  const runs = [];
  for (const name of names)
    for (const threads of threadCounts.split(',')) runs.push(await train(name, Number(threads)));
  writeFileSync(resultFile, JSON.stringify({ isa: tf.engineInfo().isa, runs }));
}

main();
