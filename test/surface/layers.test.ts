import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';

// Every layer that the package promises, under every name: what it makes of a small input, worked out by
// hand, before and after its config has been through JSON. A name that vanishes, or that another layer
// answers to, fails here.

type Nested = number | Nested[];
// biome-ignore lint/suspicious/noExplicitAny: names are looked up as strings, so that one that vanishes is a failure, no type error.
type Functions = Record<string, (options?: any) => any>;

/**
 * The layer's output for one sample. `inputs` has the samples of several inputs for a layer that takes a
 * list.
 */
interface Example {
  options?: object;
  inputs: Nested[];
  output: Nested;
  /** Weights to set before the layer runs, if the initial weights prove nothing. */
  weights?: Nested[];
}

const example = (
  options: object | undefined,
  input: Nested,
  output: Nested,
  weights?: Nested[],
): Example => ({ options, inputs: [input], output, weights });

const merged = (inputs: Nested[], output: Nested, options?: object): Example => ({ inputs, output, options });

/** One channel of one row and column each. */
const plane = (rows: number[][]): Nested[] => rows.map((row) => row.map((value) => [value]));

const X = plane([
  [1, 2],
  [3, 4],
]);
const LINE = [[1], [3], [2], [5]];
const PLANE_3 = plane([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]);
/** [2, 2, 2] */
const CHANNELS = [
  [
    [1, 2],
    [3, 4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
];
const ones = { kernelInitializer: 'ones' };

const EXAMPLES: Record<string, Example> = {
  inputLayer: example({ inputShape: [2] }, [1, 2], [1, 2]),

  conv1d: example({ filters: 1, kernelSize: 2, ...ones }, LINE, [[4], [5], [7]]),
  conv2d: example({ filters: 1, kernelSize: 2, ...ones }, X, [[[10]]]),
  depthwiseConv2d: example({ kernelSize: 2, depthwiseInitializer: 'ones' }, CHANNELS, [[[16, 20]]]),
  separableConv2d: example(
    { filters: 1, kernelSize: 2, depthwiseInitializer: 'ones', pointwiseInitializer: 'ones' },
    CHANNELS,
    [[[36]]],
  ),
  conv2dTranspose: example(
    { filters: 1, kernelSize: 2, strides: 2, ...ones },
    plane([[1, 2]]),
    plane([
      [1, 1, 2, 2],
      [1, 1, 2, 2],
    ]),
  ),

  maxPooling1d: example(undefined, LINE, [[3], [5]]),
  averagePooling1d: example(undefined, LINE, [[2], [3.5]]),
  sumPooling1d: example(undefined, LINE, [[4], [7]]),
  maxPooling2d: example(undefined, X, [[[4]]]),
  averagePooling2d: example(undefined, X, [[[2.5]]]),
  sumPooling2d: example(undefined, X, [[[10]]]),
  globalMaxPooling1d: example(undefined, LINE, [5]),
  globalAveragePooling1d: example(undefined, LINE, [2.75]),
  globalMaxPooling2d: example(undefined, CHANNELS, [7, 8]),
  globalAveragePooling2d: example(undefined, CHANNELS, [4, 5]),

  dense: example({ units: 1 }, [1, 2], [14], [[[3], [4]], [3]]),
  flatten: example(undefined, X, [1, 2, 3, 4]),
  reshape: example({ targetShape: [4, 1] }, X, [[1], [2], [3], [4]]),
  permute: example(
    { dims: [2, 1] },
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 3],
      [2, 4],
    ],
  ),
  repeatVector: example(
    { n: 2 },
    [1, 2],
    [
      [1, 2],
      [1, 2],
    ],
  ),
  embedding: example(
    { inputDim: 3, outputDim: 2 },
    [2, 0],
    [
      [5, 6],
      [1, 2],
    ],
    [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
  ),

  batchNormalization: example(
    { epsilon: 1e-9 },
    [1, 3],
    [1, 3],
    [
      [2, 2],
      [1, 1],
      [1, 1],
      [4, 4],
    ],
  ),
  layerNormalization: example({ epsilon: 1e-9 }, [1, 3], [-1, 1]),
  groupNormalization: example({ groups: 2, epsilon: 1e-9 }, [1, 3, 10, 30], [-1, 1, -1, 1]),

  add: merged(
    [
      [1, 2],
      [3, 5],
    ],
    [4, 7],
  ),
  subtract: merged(
    [
      [1, 2],
      [3, 5],
    ],
    [-2, -3],
  ),
  multiply: merged(
    [
      [1, 2],
      [3, 5],
    ],
    [3, 10],
  ),
  average: merged(
    [
      [1, 2],
      [3, 5],
    ],
    [2, 3.5],
  ),
  maximum: merged(
    [
      [1, 6],
      [3, 5],
    ],
    [3, 6],
  ),
  minimum: merged(
    [
      [1, 6],
      [3, 5],
    ],
    [1, 5],
  ),
  concatenate: merged([[1, 2], [3]], [1, 2, 3]),
  dot: merged(
    [
      [1, 2],
      [3, 5],
    ],
    [13],
    { axes: 1 },
  ),

  zeroPadding1d: example(undefined, [[1], [2]], [[0], [1], [2], [0]]),
  zeroPadding2d: example(
    {
      padding: [
        [1, 0],
        [0, 1],
      ],
    },
    X,
    plane([
      [0, 0, 0],
      [1, 2, 0],
      [3, 4, 0],
    ]),
  ),
  cropping1D: example(undefined, LINE, [[3], [2]]),
  cropping2D: example({ cropping: 1 }, PLANE_3, [[[5]]]),
  spaceToDepth: example({ blockSize: 2 }, X, [[[1, 2, 3, 4]]]),
  depthToSpace: example({ blockSize: 1 }, X, X),
  upSampling2d: example(
    { size: [1, 2] },
    X,
    plane([
      [1, 1, 2, 2],
      [3, 3, 4, 4],
    ]),
  ),
  resizing: example({ height: 1, width: 1 }, X, [[[2.5]]]),
  centerCrop: example({ height: 1, width: 1 }, PLANE_3, [[[5]]]),
  rescaling: example({ scale: 2, offset: 1 }, [1, 2], [3, 5]),
  normalization: example({ mean: 1, variance: 4 }, [1, 5], [0, 2]),

  activation: example({ activation: 'relu' }, [-1, 2], [0, 2]),
  reLU: example({ maxValue: 3, negativeSlope: 0.5, threshold: 1 }, [-1, 2, 9], [-1, 2, 3]),
  leakyReLU: example({ alpha: 0.25 }, [-4, 2], [-1, 2]),
  prelu: example(undefined, [-4, 2], [-2, 2], [[0.5, 0.5]]),
  elu: example({ alpha: 2 }, [-1, 2], [2 * Math.expm1(-1), 2]),
  thresholdedReLU: example({ theta: 1 }, [0.5, 2], [0, 2]),
  softmax: example(undefined, [0, Math.log(3)], [0.25, 0.75]),

  dropout: example({ rate: 0.5 }, [1, 2], [1, 2]),
  spatialDropout1d: example({ rate: 0.5 }, LINE, LINE),
  spatialDropout2d: example({ rate: 0.5 }, X, X),
  alphaDropout: example({ rate: 0.5 }, [1, 2], [1, 2]),
  gaussianDropout: example({ rate: 0.5 }, [1, 2], [1, 2]),
  gaussianNoise: example({ stddev: 1 }, [1, 2], [1, 2]),
  randomFlip: example(undefined, X, X),
  randomTranslation: example({ heightFactor: 0.5, widthFactor: 0.5 }, X, X),
  randomRotation: example({ factor: 0.5 }, X, X),
  randomZoom: example({ heightFactor: 0.5 }, X, X),
  randomCrop: example({ height: 1, width: 1 }, PLANE_3, [[[5]]]),
  randomContrast: example({ factor: 0.5 }, X, X),
  randomBrightness: example({ factor: 0.5 }, X, X),
};

const shapeOf = (value: Nested): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];

const functions = tf.layers as unknown as Functions;

/** A model of this layer alone, with the example's weights. */
function modelOf(name: string, { options, inputs, weights }: Example): tf.LayersModel {
  const placeholders = inputs.map((input) => tf.input({ shape: shapeOf(input) }));
  const layer = functions[name](options);
  if (name === 'inputLayer') return tf.sequential({ layers: [layer] });
  const output = layer.apply(inputs.length > 1 ? placeholders : placeholders[0]);
  const net = tf.model({ inputs: placeholders, outputs: output });
  if (weights) net.setWeights(weights.map((weight) => tf.tensor(weight)));
  return net;
}

function expectOutput(net: tf.LayersModel, { inputs, output }: Example): void {
  const batches = inputs.map((input) => tf.tensor([input] as Nested[]));
  const result = net.predict(inputs.length > 1 ? batches : batches[0]) as tf.Tensor;
  expect(result.shape).toEqual([1, ...shapeOf(output)]);
  const expected = tf.tensor([output] as Nested[]).dataSync();
  result.dataSync().forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 5);
  });
}

describe('layers', () => {
  it.each(Object.keys(EXAMPLES))('%s gives what its name says, also from its config', async (name) => {
    const net = modelOf(name, EXAMPLES[name]);
    expectOutput(net, EXAMPLES[name]);
    const again = await tf.models.modelFromJSON(net.toJSON());
    again.setWeights(net.getWeights());
    expectOutput(again, EXAMPLES[name]);
  });

  it.each([
    ['maxPool1d', 'maxPooling1d'],
    ['maxPool2d', 'maxPooling2d'],
    ['globalMaxPool1d', 'globalMaxPooling1d'],
    ['globalMaxPool2d', 'globalMaxPooling2d'],
    ['avgPool1d', 'averagePooling1d'],
    ['avgPool2d', 'averagePooling2d'],
    ['averagePool1d', 'averagePooling1d'],
    ['averagePool2d', 'averagePooling2d'],
    ['sumPool1d', 'sumPooling1d'],
    ['sumPool2d', 'sumPooling2d'],
  ])('%s is %s', (alias, name) => {
    expectOutput(modelOf(alias, EXAMPLES[name]), EXAMPLES[name]);
  });

  it('upSampling2d can be bilinear', () => {
    const line = plane([[1, 2]]);
    const smooth = example({ size: [1, 2], interpolation: 'bilinear' }, line, plane([[1, 1.25, 1.75, 2]]));
    expectOutput(modelOf('upSampling2d', smooth), smooth);
  });
});

describe('layers that act in training only', () => {
  /** An image in which no two pixels, rows or columns are equal. */
  const image = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => [i * i + 3 * j + 1]));
  const vector = Array.from({ length: 64 }, (_, i) => i + 1);
  const rows = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => i + 8 * j + 1));
  const ACTIVE: Record<string, [object, Nested]> = {
    dropout: [{ rate: 0.5 }, vector],
    spatialDropout1d: [{ rate: 0.5 }, rows],
    spatialDropout2d: [{ rate: 0.5 }, image.map((row) => row.map(([value]) => Array(16).fill(value)))],
    alphaDropout: [{ rate: 0.5 }, vector],
    gaussianDropout: [{ rate: 0.5 }, vector],
    gaussianNoise: [{ stddev: 1 }, vector],
    randomFlip: [{ seed: 1 }, image],
    randomTranslation: [{ heightFactor: 0.5, widthFactor: 0.5, seed: 1 }, image],
    randomRotation: [{ factor: 0.5, seed: 1 }, image],
    randomZoom: [{ heightFactor: [0.2, 0.5], seed: 1 }, image],
    randomCrop: [{ height: 4, width: 4, seed: 1 }, image],
    randomContrast: [{ factor: 0.5, seed: 1 }, image],
    randomBrightness: [{ factor: 0.2, seed: 1 }, image],
  };

  it.each(Object.keys(ACTIVE))('%s', async (name) => {
    tf.setSeed(1);
    const [options, input] = ACTIVE[name];
    const x = tf.tensor(Array(8).fill(input) as Nested[]);
    const net = tf.sequential({
      layers: [
        functions[name]({ ...options, inputShape: shapeOf(input) }),
        // Changes nothing, and gives the training something to do.
        tf.layers.prelu({ alphaInitializer: 'ones' }),
      ],
    });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const y = (await net.predict(x)) as tf.Tensor;
    const loss = (await net.evaluate(x, y)) as tf.Tensor;
    expect(loss.dataSync()[0]).toBe(0);
    expect(await net.trainOnBatch(x, y)).toBeGreaterThan(0.1);
  });
});

describe('activations', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  const hardSigmoid = (x: number) => Math.min(1, Math.max(0, x / 6 + 0.5));
  const silu = (x: number) => x * sigmoid(x);
  const total = [-1, 0, 0.5, 8].reduce((sum, x) => sum + Math.exp(x), 0);
  // The normal distribution's function at -1, 0, 0.5 and 8.
  const normal: Record<string, number> = { '-1': 0.15865525, '0': 0.5, '0.5': 0.69146246, '8': 1 };
  const FORMULAS: Record<string, (x: number) => number> = {
    linear: (x) => x,
    relu: (x) => Math.max(x, 0),
    relu6: (x) => Math.min(6, Math.max(x, 0)),
    leakyRelu: (x) => Math.max(x, 0.2 * x),
    elu: (x) => (x > 0 ? x : Math.expm1(x)),
    selu: (x) => 1.05070098 * (x > 0 ? x : 1.67326324 * Math.expm1(x)),
    gelu: (x) => x * normal[x],
    geluNew: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    silu,
    swish: silu,
    mish: (x) => x * Math.tanh(softplus(x)),
    sigmoid,
    hardSigmoid,
    tanh: Math.tanh,
    softplus,
    softsign: (x) => x / (1 + Math.abs(x)),
    exponential: Math.exp,
    softmax: (x) => Math.exp(x) / total,
    logSoftmax: (x) => x - Math.log(total),
    hardSwish: (x) => x * hardSigmoid(x),
    hardSilu: (x) => x * hardSigmoid(x),
  };
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

  it.each(Object.keys(FORMULAS))('%s', (name) => {
    for (const activation of new Set([name, snake(name)])) {
      const net = tf.sequential({
        layers: [tf.layers.activation({ activation: activation as 'relu', inputShape: [4] })],
      });
      const result = (net.predict(tf.tensor([[-1, 0, 0.5, 8]])) as tf.Tensor).dataSync();
      [-1, 0, 0.5, 8].forEach((x, i) => {
        const expected = FORMULAS[name](x);
        expect(Math.abs(result[i] - expected)).toBeLessThan(2e-6 * Math.max(1, Math.abs(expected)));
      });
    }
  });
});
