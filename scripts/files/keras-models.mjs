// Models with layers, losses, metrics and optimizers of all kinds, for scripts/files/exchange-keras.mjs.
import tf from '../../dist/main.js';

const { layers: L } = tf;

/** Samples that are the same each time. */
export function samples(shape, seed) {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.fround(state / 2 ** 30 - 1);
  };
  return tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape);
}

const chain = (inputShape, ...layers) =>
  tf.sequential({ layers: [tf.layers.inputLayer({ inputShape }), ...layers] });

const LAYERS = {
  images: () =>
    chain(
      [12, 12, 3],
      L.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, activation: 'leakyRelu' }),
      L.groupNormalization({ groups: 2 }),
      L.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthwiseRegularizer: 'l2' }),
      L.prelu({ sharedAxes: [1, 2] }),
      L.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2, activation: 'hardSigmoid' }),
      L.layerNormalization({ axis: [-1] }),
      L.upSampling2d({ size: 2, interpolation: 'bilinear' }),
      L.cropping2D({ cropping: 2 }),
      L.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 1],
        ],
      }),
      L.leakyReLU({ alpha: 0.1 }),
      L.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      L.spatialDropout2d({ rate: 0.2 }),
      L.globalMaxPooling2d({ keepDims: true }),
      L.flatten(),
      L.dense({
        units: 3,
        kernelConstraint: tf.constraints.maxNorm({ maxValue: 2 }),
        kernelInitializer: 'heNormal',
      }),
    ),
  operations: () => {
    const x = tf.input({ shape: [4, 6, 3] });
    const y = L.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(tf.sub(tf.mul(x, 2), 1));
    const gate = tf.sigmoid(L.dense({ units: 8 }).apply(tf.mean(y, [1, 2], true)));
    const [first, second] = tf.split(tf.mul(y, gate), 2, 3);
    const kept = tf.where(tf.greater(first, 0), first, tf.mul(first, 0.1));
    const cut = tf.slice(tf.concat([second, kept], 3), [0, 1, 0, 0], [-1, 2, 6, 8]);
    const most = tf.add(tf.max(cut, [1, 2]), tf.tensor([1, 2, 3, 4, 5, 6, 7, 8]));
    return tf.model({ inputs: x, outputs: L.dense({ units: 2 }).apply(most) });
  },
  preprocessing: () =>
    chain(
      [9, 10, 3],
      L.resizing({ height: 12, width: 14 }),
      L.centerCrop({ height: 8, width: 8 }),
      L.rescaling({ scale: 0.5, offset: 0.1 }),
      L.normalization({ mean: [0.1, 0.2, 0.3], variance: [1, 2, 3] }),
      L.randomFlip({ mode: 'horizontal' }),
      L.randomRotation({ factor: 0.1 }),
      L.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      L.randomZoom({ heightFactor: 0.1 }),
      L.randomContrast({ factor: 0.2 }),
      L.randomBrightness({ factor: 0.1 }),
      L.gaussianNoise({ stddev: 0.1 }),
      L.gaussianDropout({ rate: 0.1 }),
      L.alphaDropout({ rate: 0.1 }),
      L.conv2d({ filters: 2, kernelSize: 3, activation: L.elu({ alpha: 0.5 }) }),
      L.reLU({ maxValue: 6 }),
      L.globalAveragePooling2d(),
    ),
  words: () =>
    chain(
      [8],
      L.embedding({ inputDim: 7, outputDim: 4 }),
      L.conv1d({ filters: 4, kernelSize: 3, padding: 'causal', dilationRate: 2, activation: 'gelu' }),
      L.zeroPadding1d({ padding: 1 }),
      L.cropping1D({ cropping: 1 }),
      L.timeDistributed({ layer: L.dense({ units: 4, activation: 'silu' }) }),
      L.timeDistributed({ layer: L.batchNormalization() }),
      L.averagePooling1d({ poolSize: 2 }),
      L.permute({ dims: [2, 1] }),
      L.reshape({ targetShape: [-1, 2] }),
      L.globalAveragePooling1d(),
      L.repeatVector({ n: 3 }),
      L.spatialDropout1d({ rate: 0.1 }),
      L.maxPooling1d({ poolSize: 3 }),
      L.flatten(),
      L.softmax(),
    ),
  branches: () => {
    const [left, right] = ['left side', 'right/side'].map((name) => tf.input({ shape: [6, 6, 2], name }));
    const twice = chain(
      [6, 6, 2],
      L.conv2d({ filters: 3, kernelSize: 3, name: 'same' }),
      L.batchNormalization(),
    );
    const x = tf.input({ shape: [4, 4, 3] });
    const y = L.conv2d({ filters: 3, kernelSize: 1, name: 'same' }).apply(x);
    const graph = tf.model({ inputs: x, outputs: [y, L.multiply().apply([x, y])] });
    const [a, b] = [left, right].map((side) => twice.apply(side));
    const [c, d] = graph.apply(L.subtract().apply([a, b]));
    const [e, f] = graph.apply(L.maximum().apply([a, c]));
    const rows = [d, e].map((value) => L.globalAveragePooling2d().apply(value));
    const both = L.dot({ axes: 1, normalize: true }).apply(rows);
    return tf.model({ inputs: [left, right], outputs: [f, both] });
  },
};

const CLASSES = { units: 3, activation: 'softmax' };
const LOSSES = {
  categoricalCrossentropy: [
    { labelSmoothing: 0.1 },
    CLASSES,
    'one-hot',
    ['accuracy', 'auc', 'f1Score', 'crossentropy'],
  ],
  categoricalFocalCrossentropy: [{ gamma: 3 }, CLASSES, 'one-hot', ['topKCategoricalAccuracy']],
  sparseCategoricalCrossentropy: [
    { fromLogits: true },
    { units: 3 },
    'classes',
    ['accuracy', 'sparseTopKCategoricalAccuracy', 'crossentropy'],
  ],
  binaryCrossentropy: [{}, { units: 1, activation: 'sigmoid' }, 'flags', ['accuracy', 'precision', 'recall']],
  binaryFocalCrossentropy: [{ alpha: 0.3 }, { units: 1, activation: 'sigmoid' }, 'flags', ['binaryAccuracy']],
  klDivergence: [{}, CLASSES, 'one-hot', ['klDivergence']],
  poisson: [{}, { units: 2, activation: 'softplus' }, 'flags', ['poisson']],
  cosineSimilarity: [{}, { units: 2 }, 'numbers', ['cosineSimilarity']],
  huber: [{}, { units: 2 }, 'numbers', ['rootMeanSquaredError']],
  logCosh: [{}, { units: 2 }, 'numbers', ['mse']],
  meanAbsoluteError: [{}, { units: 2 }, 'numbers', ['mae', 'mse']],
  meanAbsolutePercentageError: [{}, { units: 2 }, 'numbers', ['mape']],
  meanSquaredLogarithmicError: [{}, { units: 2 }, 'flags', ['msle']],
  categoricalHinge: [{}, { units: 3 }, 'one-hot', ['categoricalHinge']],
  hinge: [{}, { units: 1 }, 'flags', ['hinge']],
  squaredHinge: [{}, { units: 1 }, 'flags', ['squaredHinge']],
};

const { schedules } = tf.optimizers;
const OPTIMIZERS = {
  sgd: { momentum: 0.9, nesterov: true, learningRate: 0.05, clipNorm: 1 },
  adam: { amsgrad: true, learningRate: 0.01, globalClipNorm: 1 },
  adamw: { learningRate: schedules.cosineDecay({ initialLearningRate: 0.02, decaySteps: 20 }) },
  nadam: { learningRate: 0.01 },
  adamax: {
    learningRate: schedules.exponentialDecay({ initialLearningRate: 0.02, decaySteps: 3, decayRate: 0.9 }),
  },
  adadelta: { learningRate: 1 },
  adagrad: { learningRate: 0.1, clipValue: 0.5 },
  rmsprop: { learningRate: 0.01, momentum: 0.5, centered: true },
  lion: { learningRate: 0.001, useEma: true, emaMomentum: 0.9 },
};

function targets(kind, count, units) {
  const rows = samples([count, units], 5).dataSync();
  if (kind === 'numbers') return tf.tensor(rows, [count, units]);
  if (kind === 'flags')
    return tf.tensor(
      rows.map((value) => (value > 0 ? 1 : 0)),
      [count, units],
    );
  const classes = Float32Array.from({ length: count }, (_, i) => i % units);
  if (kind === 'classes') return tf.tensor(classes, [count, 1]);
  const hot = Float32Array.from({ length: count * units }, (_, i) =>
    classes[Math.floor(i / units)] === i % units ? 1 : 0,
  );
  return tf.tensor(hot, [count, units]);
}

const trained = (head, compiled, y, count = 8) => {
  const model = chain([5], L.dense({ units: 6, activation: 'tanh' }), L.dense(head));
  model.compile(compiled);
  return { model, x: samples([count, 5], 3), y: targets(y, count, head.units) };
};

/** Functions that make {model, x, y?} by name. */
export const MODELS = {
  ...Object.fromEntries(
    Object.entries(LAYERS).map(([name, make]) => [
      `layers-${name}`,
      () => {
        const model = make();
        const inputs = model.inputs.map(({ shape: [, ...shape] }, i) => samples([2, ...shape], 3 + i));
        const x =
          name === 'words' ? [tf.tensor([0, 1, 2, 3, 4, 5, 6, 0, 6, 5, 4, 3, 2, 1, 0, 1], [2, 8])] : inputs;
        return { model, x: x.length === 1 ? x[0] : x };
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(LOSSES).map(([loss, [options, head, y, metrics]]) => [
      `loss-${loss}`,
      () => trained(head, { loss: tf.losses[loss](options), metrics, optimizer: 'sgd' }, y),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(OPTIMIZERS).map(([optimizer, options]) => [
      `optimizer-${optimizer}`,
      () =>
        trained(
          { units: 2 },
          { loss: 'meanSquaredError', optimizer: tf.optimizers[optimizer](options) },
          'numbers',
        ),
    ]),
  ),
};
