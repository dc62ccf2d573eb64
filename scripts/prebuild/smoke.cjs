// Uses the package as a program would, and writes what it saw as JSON. Its `hash` must be the same on every platform.
// Plain CommonJS, since it runs in all kinds of Node. Usage: smoke.cjs <package folder> <result file> [rounds].
const { createHash } = require('node:crypto');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Worker, isMainThread } = require('node:worker_threads');

const [folder, resultFile, rounds = '0'] = process.argv.slice(2);
const EPOCHS = 3;
const load = () => require(join(folder, 'dist', 'main.js'));

/** A small network with each kind of kernel: convolution, depthwise, pooling, normalization, dense, dropout. */
function network(tf) {
  tf.setSeed(7);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 3] }),
      tf.layers.batchNormalization(),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu6' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 16, kernelSize: 1, activation: 'gelu' }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.25 }),
      tf.layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** Values in [0, 1) that every platform computes alike. */
function values(length) {
  const result = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    result[i] = state / 2 ** 32;
  }
  return result;
}

async function train(tf, threads, samples, batchSize) {
  tf.setThreads(threads);
  const model = network(tf);
  const x = tf.tensor(values(samples * 12 * 12 * 3), [samples, 12, 12, 3]);
  const labels = Int32Array.from({ length: samples }, (_, i) => i % 5);
  const y = tf.tensor(labels, [samples], 'int32');
  const history = await model.fit(x, y, { epochs: EPOCHS, batchSize, shuffle: true, verbose: 0, seed: 3 });
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(new Uint8Array(weight.dataSync().buffer.slice(0)));
  const out = await model.predict(x);
  hash.update(new Uint8Array(out.dataSync().buffer.slice(0)));
  return { losses: history.history.loss, hash: hash.digest('hex').slice(0, 16) };
}

async function main() {
  const tf = load();
  const result = { versions: process.versions, engine: tf.engineInfo(), checks: [], hash: '' };
  const check = (name, ok, detail) => result.checks.push({ name, ok: Boolean(ok), detail });
  try {
    const runs = [];
    for (const threads of [1, 2, 3, 5]) runs.push(await train(tf, threads, 40, 16));
    result.hash = runs[0].hash;
    result.losses = runs[0].losses;
    check(
      'the same bits with 1, 2, 3 and 5 threads',
      runs.every((run) => run.hash === result.hash),
    );
    check('losses fall', runs[0].losses[EPOCHS - 1] < runs[0].losses[0], runs[0].losses.join(' '));

    let code;
    try {
      network(tf).predict(tf.zeros([1, 3]));
    } catch (error) {
      code = error.code;
    }
    check('a wrong shape is a typed error', code === 'SHAPE_MISMATCH', code);

    const worker = new Worker(__filename, { argv: process.argv.slice(2) });
    const exit = await new Promise((resolve) => worker.once('exit', resolve).once('error', resolve));
    check('a worker trains and ends', exit === 0, String(exit));

    for (const threads of Number(rounds) > 0 ? [2, 5] : []) {
      await train(tf, threads, Math.ceil(Number(rounds) / EPOCHS), 1);
      check(`${rounds} steps of ${threads} threads end`, true);
    }
  } catch (error) {
    check('no error', false, error.stack);
  }
  writeFileSync(resultFile, JSON.stringify(result));
}

if (isMainThread) main();
else train(load(), 2, 20, 8);
