// What ranks do until one is killed, for kills.test.ts. Prints the rank's process id first. Usage:
//   long-work.cjs sums                 sums and gathers without end
//   long-work.cjs train CHECKPOINTS    a training of some seconds with checkpoints, which resumes; prints a hash last
const { createHash } = require('node:crypto');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const tf = require('../../dist/main.js');

async function sums(d) {
  const addon = require(path.join(__dirname, '..', '..', 'build', 'mpi', 'convforge_mpi.node'));
  for (let turn = 0; ; turn++) {
    const size = turn % 3 === 0 ? 100_000 : 10;
    addon.sum(d.collective, d.ranks, [[d.rank, d.rank + 1, new Float32Array(size).fill(1)]]);
    if (turn % 7 === 0) await d.gather(Buffer.from('x'));
  }
}

async function train(distribute, dir) {
  tf.setSeed(1);
  const model = tf.sequential([
    tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [12, 12, 1] }),
    tf.layers.batchNormalization(),
    tf.layers.flatten(),
    tf.layers.dropout({ rate: 0.3 }),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = tf.randomUniform([60, 12, 12, 1], 0, 1, 'float32', 3);
  const y = tf.tensor(Int32Array.from({ length: 60 }, (_, i) => i % 3));
  // Time for a kill.
  const callbacks = { onEpochEnd: () => sleep(150) };
  const checkpoint = { dir, everySteps: 4 };
  const options = {
    shards: 4,
    epochs: 10,
    batchSize: 6,
    verbose: 0,
    distribute,
    callbacks,
    checkpoint,
    resume: true,
  };
  await model.fit(x, y, options);
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(new Uint8Array(weight.dataSync().slice().buffer));
  process.stdout.write(`hash ${hash.digest('hex')}\n`);
}

async function main() {
  const [work, dir] = process.argv.slice(2);
  const ranks = await tf.distribute.mpi();
  process.stdout.write(`pid ${process.pid}\n`);
  await (work === 'sums' ? sums(ranks) : train(ranks, dir));
}

main();
