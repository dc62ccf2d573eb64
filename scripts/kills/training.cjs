// A training with checkpoints, to be killed: node training.cjs <kind> <folder>. It resumes if it can. At its end it writes
// <folder>/result.json, with digests of what a training leaves. With CHECKPOINTS=no it is the one that is never killed.
// On the way, models of two topologies are saved over each other in <folder>/model.
const { createHash } = require('node:crypto');
const { join } = require('node:path');
const { writeFileSync } = require('node:fs');
const tf = require('../..');

const [kind, folder] = process.argv.slice(2);
const [method, optimizerName] = kind.split(' ');

const { schedules } = tf.optimizers;
const learningRate = schedules.exponentialDecay({
  initialLearningRate: 0.01,
  decaySteps: 10,
  decayRate: 0.8,
});
const OPTIMIZERS = {
  sgd: () => tf.optimizers.sgd({ learningRate, momentum: 0.9, nesterov: true }),
  adam: () => tf.optimizers.adam({ learningRate: 0.01, useEma: true, gradientAccumulationSteps: 2 }),
  adamw: () => tf.optimizers.adamw({ learningRate: 0.01 }),
  adamax: () => tf.optimizers.adamax({ learningRate }),
  nadam: () => tf.optimizers.nadam({ learningRate: 0.01 }),
  rmsprop: () => tf.optimizers.rmsprop({ learningRate: 0.005, momentum: 0.5, centered: true }),
  adagrad: () => tf.optimizers.adagrad({ learningRate: 0.05 }),
  adadelta: () => tf.optimizers.adadelta({ learningRate: 1 }),
  lion: () => tf.optimizers.lion({ learningRate: 0.001 }),
};

function network() {
  tf.setSeed(7);
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.randomFlip({ mode: 'horizontal', inputShape: [16, 16, 3] }),
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      layers.conv2d({ filters: 16, kernelSize: 3, kernelRegularizer: 'l2' }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  const loss = 'sparseCategoricalCrossentropy';
  model.compile({ optimizer: OPTIMIZERS[optimizerName](), loss, metrics: ['accuracy'] });
  return model;
}

/** Models that are told apart by their units, and whose weights are all that number. */
function filled(units) {
  const kernelInitializer = { className: 'Constant', config: { value: units } };
  const dense = tf.layers.dense({ units, inputShape: [3], kernelInitializer, useBias: false });
  return tf.sequential({ layers: [dense] });
}

async function main() {
  const COUNT = 200;
  const x = tf.randomUniform([COUNT, 16, 16, 3], 0, 1, 'float32', 1);
  const y = tf.tensor(
    Int32Array.from({ length: COUNT }, (_, i) => (i * 7) % 5),
    [COUNT],
    'int32',
  );
  const model = network();
  const { callbacks } = tf;
  const saved = {
    onEpochEnd: async (epoch) => {
      await filled(1 + (epoch % 9)).save(join(folder, 'model'));
    },
  };
  const options = {
    epochs: 8,
    verbose: 0,
    callbacks: [
      callbacks.csvLogger({ filename: join(folder, 'log.csv') }),
      callbacks.earlyStopping({ monitor: 'loss', patience: 9, restoreBestWeights: true }),
      ...(process.env.CHECKPOINTS === 'no' ? [] : [saved]),
    ],
    ...(process.env.CHECKPOINTS !== 'no' && {
      checkpoint: { dir: join(folder, 'checkpoints'), everySteps: 5 },
      resume: true,
    }),
  };
  const elements = () => {
    const [images, labels] = [x.unstack(), y.dataSync()];
    return tf.data.array(images.map((xs, i) => ({ xs, ys: labels[i] })));
  };
  console.log('begins');
  const history =
    method === 'fit'
      ? await model.fit(x, y, { ...options, batchSize: 16, validationSplit: 0.1 })
      : await model.fitDataset(elements().shuffle(50, 3).batch(16), options);
  const { weights, optimizer } = await model.state.snapshot();
  const hash = createHash('sha256').update(JSON.stringify([history.history, optimizer.iterations]));
  for (const array of [...weights, ...Object.values(optimizer.slots).flat()])
    hash.update(new Uint8Array(array.buffer));
  writeFileSync(join(folder, 'result.json'), JSON.stringify({ digest: hash.digest('hex') }));
}

main();
