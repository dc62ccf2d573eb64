import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ConvforgeError,
  input,
  layers,
  model,
  type SymbolicTensor,
  type Tensor,
  zeros,
} from '../../lib/index.js';
import { layerClass } from '../../lib/layers/registry.js';
import { expectError } from '../support/convforge-error.js';

// For any value of an option, a layer works or throws a ConvforgeError, and allocates nothing huge.

const IMAGE = [6, 6, 2];
const LINE = [6, 2];
const FEATURES = [4];

// biome-ignore lint/suspicious/noExplicitAny: the options of any layer, good and bad.
type Options = Record<string, any>;

/** For each class, an input and the required options. */
const LAYERS: [className: string, inputShape: number[], required: Options, several?: boolean][] = [
  ['Conv1D', LINE, { filters: 2, kernelSize: 3 }],
  ['Conv2D', IMAGE, { filters: 2, kernelSize: 3 }],
  ['DepthwiseConv2D', IMAGE, { kernelSize: 3 }],
  ['SeparableConv2D', IMAGE, { filters: 2, kernelSize: 3 }],
  ['Conv2DTranspose', IMAGE, { filters: 2, kernelSize: 3 }],
  ['MaxPooling1D', LINE, {}],
  ['AveragePooling1D', LINE, {}],
  ['SumPooling1D', LINE, {}],
  ['MaxPooling2D', IMAGE, {}],
  ['AveragePooling2D', IMAGE, {}],
  ['SumPooling2D', IMAGE, {}],
  ['GlobalMaxPooling1D', LINE, {}],
  ['GlobalAveragePooling1D', LINE, {}],
  ['GlobalMaxPooling2D', IMAGE, {}],
  ['GlobalAveragePooling2D', IMAGE, {}],
  ['Dense', FEATURES, { units: 2 }],
  ['Flatten', IMAGE, {}],
  ['Reshape', IMAGE, { targetShape: [72] }],
  ['Permute', LINE, { dims: [2, 1] }],
  ['RepeatVector', FEATURES, { n: 2 }],
  ['Embedding', FEATURES, { inputDim: 3, outputDim: 2 }],
  ['BatchNormalization', IMAGE, {}],
  ['LayerNormalization', IMAGE, {}],
  ['GroupNormalization', IMAGE, { groups: 1 }],
  ['Add', FEATURES, {}, true],
  ['Subtract', FEATURES, {}, true],
  ['Multiply', FEATURES, {}, true],
  ['Average', FEATURES, {}, true],
  ['Maximum', FEATURES, {}, true],
  ['Minimum', FEATURES, {}, true],
  ['Concatenate', FEATURES, {}, true],
  ['Dot', FEATURES, { axes: 1 }, true],
  ['ZeroPadding1D', LINE, {}],
  ['ZeroPadding2D', IMAGE, {}],
  ['Cropping1D', LINE, { cropping: 1 }],
  ['Cropping2D', IMAGE, { cropping: 1 }],
  ['UpSampling2D', IMAGE, {}],
  ['Resizing', IMAGE, { height: 3, width: 3 }],
  ['CenterCrop', IMAGE, { height: 3, width: 3 }],
  ['Rescaling', FEATURES, { scale: 2 }],
  ['Normalization', FEATURES, { mean: 0, variance: 1 }],
  ['Activation', FEATURES, { activation: 'relu' }],
  ['ReLU', FEATURES, {}],
  ['LeakyReLU', FEATURES, {}],
  ['PReLU', FEATURES, {}],
  ['ELU', FEATURES, {}],
  ['ThresholdedReLU', FEATURES, {}],
  ['Softmax', FEATURES, {}],
  ['Dropout', FEATURES, { rate: 0.5 }],
  ['SpatialDropout1D', LINE, { rate: 0.5 }],
  ['SpatialDropout2D', IMAGE, { rate: 0.5 }],
  ['AlphaDropout', FEATURES, { rate: 0.5 }],
  ['GaussianDropout', FEATURES, { rate: 0.5 }],
  ['GaussianNoise', FEATURES, { stddev: 1 }],
  ['RandomFlip', IMAGE, {}],
  ['RandomTranslation', IMAGE, { heightFactor: 0.1, widthFactor: 0.1 }],
  ['RandomRotation', IMAGE, { factor: 0.1 }],
  ['RandomZoom', IMAGE, { heightFactor: 0.1 }],
  ['RandomCrop', IMAGE, { height: 3, width: 3 }],
];

const HOSTILE: unknown[] = [
  0,
  -1,
  0.5,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  2 ** 53,
  1e300,
  '',
  '3',
  '__proto__',
  'constructor',
  null,
  true,
  3n,
  Symbol('odd'),
  () => 3,
  {},
  { className: '__proto__', config: {} },
  Object.create(null),
  [],
  [0, 0],
  [-1, 2],
  [Number.NaN, 1],
  [2 ** 31, 2 ** 31],
  [null],
  [[]],
  [
    [-1, 1],
    [2 ** 53, 0],
  ],
  Array(300).fill(1),
  new Float32Array(2),
  new Proxy(
    {},
    {
      get: () => undefined,
    },
  ),
];

/** A model of the layer alone, and its output for zeros. */
function run(className: string, inputShape: readonly number[], options: Options, several = false): Tensor {
  const layer = make(className, options);
  const placeholders = Array.from({ length: several ? 2 : 1 }, () => input({ shape: inputShape }));
  const output = layer.apply(several ? placeholders : placeholders[0]) as SymbolicTensor;
  const net = model({ inputs: placeholders, outputs: output });
  const batches = placeholders.map(() => zeros([1, ...inputShape]));
  const result = net.predict(several ? batches : batches[0]) as Tensor;
  result.dataSync();
  expect(result.shape.slice(1)).toEqual(output.shape.slice(1));
  return result;
}

function make(className: string, options: Options): layers.Layer {
  const constructors = layers as unknown as Record<string, new (options: Options) => layers.Layer>;
  return new constructors[className](options);
}

describe('options', () => {
  it.each(LAYERS)('of %s', (className, inputShape, required, several) => {
    run(className, inputShape, required, several);
    const faults: string[] = [];
    for (const name of Object.keys(layerClass(className).schema)) {
      for (const value of HOSTILE) {
        try {
          run(className, inputShape, { ...required, [name]: value }, several);
        } catch (error) {
          if (error instanceof ConvforgeError && error.code !== 'INTERNAL') continue;
          faults.push(`${name} = ${inspect(value)}: ${error}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });
});

describe('sizes beyond memory are refused before allocation', () => {
  it.each<[string, number[], Options]>([
    ['Dense', FEATURES, { units: 1e9 }],
    ['Conv1D', LINE, { filters: 1e9, kernelSize: 3 }],
    ['Conv2D', IMAGE, { filters: 2 ** 53 - 1, kernelSize: 3 }],
    ['DepthwiseConv2D', IMAGE, { kernelSize: 3, depthMultiplier: 2 ** 40 }],
    ['SeparableConv2D', IMAGE, { filters: 2, kernelSize: 3, depthMultiplier: 2 ** 40 }],
    ['Conv2DTranspose', IMAGE, { filters: 2, kernelSize: 3, strides: 2 ** 20 }],
    ['Embedding', FEATURES, { inputDim: 2 ** 31, outputDim: 2 ** 31 }],
    ['RepeatVector', FEATURES, { n: 2 ** 31 }],
    ['ZeroPadding1D', LINE, { padding: 2 ** 31 }],
    ['ZeroPadding2D', IMAGE, { padding: 2 ** 20 }],
    ['UpSampling2D', IMAGE, { size: 2 ** 31 }],
    ['Resizing', IMAGE, { height: 2 ** 31, width: 2 ** 31 }],
    ['Flatten', [2 ** 31, 2 ** 31], {}],
    ['Flatten', [2 ** 53 - 1, 2 ** 53 - 1], {}],
  ])('%s %j %j', async (className, inputShape, options) => {
    await expectError(() => run(className, inputShape, options), 'TOO_LARGE', /the most is|larger/);
  });
});
