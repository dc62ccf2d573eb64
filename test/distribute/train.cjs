// A rank of the trainings of train.test.ts. Without mpirun it is one process. Usage: train.cjs NAME OPTIONS, where OPTIONS
// are JSON: shards, and what the training of this name takes. Prints what it ends with as a line of JSON.
const { createHash } = require('node:crypto');
const tf = require('../../dist/main.js');

const SIZES = [10, 9, 3];
const COUNT = 23;

function hashOf(arrays) {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of arrays)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 16);
}

/** Numbers in [-1, 1). */
function numbers(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function makeModel(optimizer = 'adam') {
  const { layers } = tf;
  const x = tf.input({ shape: SIZES });
  let y = layers.randomFlip({ mode: 'horizontal' }).apply(x);
  y = layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', useBias: false }).apply(y);
  y = layers.reLU().apply(layers.batchNormalization().apply(y));
  y = layers.dropout({ rate: 0.3 }).apply(layers.maxPooling2d({ poolSize: 2 }).apply(y));
  y = layers.dense({ units: 3, activation: 'softmax' }).apply(layers.flatten().apply(y));
  const model = tf.model({ inputs: x, outputs: y });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function makeData(seed = 1) {
  const x = tf.tensor(numbers(COUNT * SIZES[0] * SIZES[1] * SIZES[2], seed), [COUNT, ...SIZES]);
  return {
    x,
    y: tf.tensor(
      Int32Array.from({ length: COUNT }, (_, i) => (i * i) % 3),
      [COUNT],
      'int32',
    ),
  };
}

/** Trains, and tells the hash of the weights and the history. */
async function fitOn(distribute, options = {}, { model = makeModel(), data = makeData() } = {}) {
  const settings = { epochs: 2, batchSize: 9, verbose: 0, validationSplit: 0.2, ...options, distribute };
  const { history } = await model.fit(data.x, data.y, settings);
  return { weights: hashOf(model.getWeights().map((weight) => weight.dataSync())), history };
}

const TRAININGS = {
  arrays: (distribute, options) => fitOn(distribute, { seed: 9, ...options }),
  // Ranks draw other weights and another seed, and take rank 0's.
  async drawn(distribute, options) {
    tf.setSeed(5 + distribute.rank);
    return fitOn(distribute, options);
  },
  // Gradients of several buckets, and two layers that share weights.
  async wide(distribute, options) {
    const { layers } = tf;
    const x = tf.input({ shape: SIZES });
    let y = layers.conv2d({ filters: 8, kernelSize: 3, useBias: false }).apply(x);
    y = layers.flatten().apply(layers.batchNormalization().apply(y));
    const shared = layers.dense({ units: 448, activation: 'relu' });
    y = shared.apply(shared.apply(y));
    y = layers.dense({ units: 700, activation: 'relu' }).apply(layers.batchNormalization().apply(y));
    y = layers.dense({ units: 3, activation: 'softmax' }).apply(y);
    const model = tf.model({ inputs: x, outputs: y });
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    return fitOn(distribute, { seed: 9, epochs: 1, ...options }, { model });
  },
  // The bytes that a rank sends in a step, as a multiple of those of the gradients.
  async travel(distribute, options) {
    const { layers } = tf;
    const model = tf.sequential([
      layers.conv2d({ filters: 16, kernelSize: 3, inputShape: SIZES }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 700 }),
      layers.dense({ units: 700 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const { sent } = require('../../build/mpi/convforge_mpi.node');
    const before = sent();
    await fitOn(distribute, { seed: 9, epochs: 4, ...options }, { model });
    const steps = 4 * Math.ceil(Math.floor(COUNT * 0.8) / 9);
    return { calls: [(sent() - before) / steps / (4 * model.countParams())] };
  },
  async evaluate(distribute, options) {
    const { x, y } = makeData();
    const settings = { batchSize: 4, distribute, ...options };
    const scores = await makeModel().evaluate(x, y, settings);
    return { calls: scores.map((score) => score.dataSync()[0]) };
  },
  evaluatesOther(distribute, options) {
    tf.setSeed(5 + distribute.rank);
    return TRAININGS.evaluate(distribute, options);
  },
  async dataset(distribute, { shards, differ = 0 }) {
    const { x, y } = makeData(1 + differ * distribute.rank);
    const set = tf.data.zip({ xs: tf.data.array(x.arraySync()), ys: tf.data.array(y.arraySync()) }).batch(9);
    const model = makeModel();
    const { history } = await model.fitDataset(set, { epochs: 2, verbose: 0, seed: 9, shards, distribute });
    return { weights: hashOf(model.getWeights().map((weight) => weight.dataSync())), history };
  },
  // The validation has samples for some of the shards only, and a metric of all of them.
  async validates(distribute, options) {
    const data = makeData();
    const seen = [];
    const customMetrics = {
      count: (targets, predictions) => {
        seen.push(predictions.shape[0]);
        return targets.shape[0];
      },
    };
    const validationData = [data.x.slice(0, 5), data.y.slice(0, 5)];
    const settings = { seed: 9, validationSplit: 0, validationData, customMetrics };
    return { ...(await fitOn(distribute, { ...settings, ...options }, { data })), calls: seen };
  },
  // Rank 0 alone runs these callbacks, and all follow what they do.
  async callbacks(distribute, options) {
    const model = makeModel('sgd');
    const calls = [];
    const hooks = {
      onEpochBegin: (epoch) => {
        calls.push(epoch);
        model.optimizer.learningRate = 0.1 / (epoch + 1);
      },
      onBatchEnd: (batch) => {
        if (calls.length === 2 && batch === 1) model.stopTraining = true;
      },
    };
    const result = await fitOn(distribute, { seed: 9, epochs: 5, callbacks: hooks, ...options }, { model });
    return { ...result, calls };
  },
  stopsEarly: (distribute, options) => {
    const callbacks = tf.callbacks.earlyStopping({ monitor: 'loss', minDelta: 10, restoreBestWeights: true });
    return fitOn(distribute, { seed: 9, epochs: 5, callbacks, ...options });
  },
  checkpoint: (distribute, { dir, everySteps, ...options }) =>
    fitOn(distribute, { seed: 9, checkpoint: { dir, everySteps }, ...options }),
  async aborts(distribute, options) {
    const abort = new AbortController();
    if (distribute.rank === 1) setTimeout(() => abort.abort(), 300);
    return fitOn(distribute, { seed: 9, epochs: 100_000, signal: abort.signal, ...options });
  },
  throws: (distribute, options) => {
    const callbacks = {
      onEpochEnd: () => {
        throw new Error('a mistake of a callback');
      },
    };
    return fitOn(distribute, { seed: 9, callbacks, ...options });
  },
  differ: (distribute, options) =>
    fitOn(
      distribute,
      { seed: 9, batchSize: 9 + distribute.rank, ...options },
      { data: makeData(1 + distribute.rank) },
    ),
  async notFinite(distribute, options) {
    const data = makeData();
    data.x.dataSync()[0] = Number.NaN;
    return fitOn(
      distribute,
      { seed: 9, shuffle: false, callbacks: tf.callbacks.terminateOnNaN(), ...options },
      { data },
    );
  },
};

(async () => {
  const [name, options] = process.argv.slice(2);
  tf.setSeed(5);
  const distribute = await tf.distribute.mpi();
  const { rank } = distribute;
  const result = await TRAININGS[name](distribute, JSON.parse(options)).catch(({ code, message }) => ({
    code,
    message,
  }));
  console.log(JSON.stringify({ rank, ...result }));
})();
