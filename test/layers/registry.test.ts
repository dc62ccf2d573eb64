import { describe, expect, it } from 'vitest';
import { ConvforgeError } from '../../lib/errors.js';
import type { LayerClass } from '../../lib/layers/base-layer.js';
import * as layers from '../../lib/layers/index.js';
import { layerClass } from '../../lib/layers/registry.js';
import { snakeCase } from '../../lib/layers/snake-case.js';
import { expectError } from '../support/convforge-error.js';

/** The types are not checked: the test passes fitting options. */
type Factory = (options: never) => layers.Layer;

const EXAMPLES: [Factory, object][] = [
  [layers.averagePooling1d, {}],
  [layers.conv1d, { filters: 2, kernelSize: 3, padding: 'causal', dilationRate: 2, kernelRegularizer: 'l2' }],
  [layers.conv1d, { filters: 4, kernelSize: 3, groups: 2 }],
  [layers.cropping1D, { cropping: [1, 2] }],
  [layers.dot, { axes: [1, 2], normalize: true }],
  [layers.maxPooling1d, { poolSize: 3, strides: 2, padding: 'same' }],
  [layers.normalization, { mean: [1, 2], variance: 3 }],
  [
    layers.separableConv2d,
    {
      filters: 4,
      kernelSize: 3,
      depthMultiplier: 2,
      pointwiseInitializer: 'heNormal',
      pointwiseRegularizer: 'l1',
      depthwiseConstraint: 'nonNeg',
    },
  ],
  [layers.sumPooling1d, {}],
  [layers.zeroPadding1d, { padding: 2 }],
  [layers.add, {}],
  [layers.activation, { activation: 'relu' }],
  [layers.elu, { alpha: 0.5 }],
  [layers.leakyReLU, { negativeSlope: 0.1 }],
  [layers.reLU, { maxValue: 6, negativeSlope: 0.1, threshold: 1 }],
  [layers.softmax, { axis: 2 }],
  [layers.thresholdedReLU, { theta: 0.5 }],
  [layers.averagePooling2d, { poolSize: [1, 2], strides: 3, padding: 'same' }],
  [
    layers.batchNormalization,
    {
      momentum: 0.9,
      epsilon: 1e-5,
      center: false,
      gammaInitializer: 'heNormal',
      movingMeanInitializer: 'ones',
      axis: 3,
    },
  ],
  [layers.groupNormalization, { groups: -1, scale: false }],
  [layers.layerNormalization, { axis: [-2, -1], betaInitializer: 'ones' }],
  [
    layers.conv2d,
    {
      filters: 4,
      groups: 2,
      kernelSize: [2, 3],
      strides: [3, 1],
      padding: [
        [1, 0],
        [2, 1],
      ],
      dilationRate: [1, 2],
      activation: 'tanh',
      useBias: false,
      kernelInitializer: 'heNormal',
      inputShape: [9, 9, 2],
    },
  ],
  [
    layers.depthwiseConv2d,
    {
      kernelSize: [2, 3],
      strides: 2,
      padding: 'same',
      depthMultiplier: 3,
      activation: 'relu',
      useBias: false,
      depthwiseInitializer: 'heNormal',
    },
  ],
  [layers.dense, { units: 3, biasInitializer: 'ones', activation: 'softmax', name: 'out', inputDim: 4 }],
  [layers.dropout, { rate: 0.25 }],
  [layers.dropout, { rate: 0.5, noiseShape: [null, 1, 3] }],
  [layers.alphaDropout, { rate: 0.1 }],
  [layers.gaussianDropout, { rate: 0.2 }],
  [layers.gaussianNoise, { stddev: 0.5, seed: 7 }],
  [layers.prelu, { sharedAxes: [1, 2], alphaInitializer: 'heNormal' }],
  [layers.randomBrightness, { factor: [-0.2, 0.1], valueRange: [-1, 1] }],
  [layers.randomContrast, { factor: [0.5, 2], seed: 3 }],
  [layers.randomCrop, { height: 3, width: 4, seed: 5 }],
  [layers.randomFlip, { mode: 'vertical' }],
  [layers.randomRotation, { factor: [-0.1, 0.2], fillMode: 'wrap', interpolation: 'nearest' }],
  [
    layers.randomTranslation,
    { heightFactor: 0.1, widthFactor: [0, 0.5], fillMode: 'constant', fillValue: 2 },
  ],
  [layers.randomZoom, { heightFactor: -0.3, seed: 1 }],
  [layers.randomZoom, { heightFactor: 0.1, widthFactor: [-0.2, 0.1] }],
  [layers.spatialDropout1d, { rate: 0.25, seed: 0 }],
  [layers.spatialDropout2d, { rate: 0.25 }],
  [layers.flatten, {}],
  [layers.inputLayer, { inputShape: [4] }],
  [layers.maxPooling2d, { poolSize: 3 }],
  [layers.rescaling, { scale: 1 / 255, offset: -1 }],
  [layers.reshape, { targetShape: [2, -1] }],
  [layers.sumPooling2d, {}],
  [layers.add, {}],
  [layers.average, {}],
  [layers.centerCrop, { height: 3, width: 4 }],
  [layers.concatenate, { axis: 1 }],
  [
    layers.conv2dTranspose,
    {
      filters: 3,
      kernelSize: [2, 3],
      strides: [3, 2],
      padding: 'same',
      outputPadding: [2, 0],
      dilationRate: [1, 2],
      activation: 'relu',
      useBias: false,
    },
  ],
  [layers.cropping2D, { cropping: [1, 2] }],
  [layers.spaceToDepth, { blockSize: 2 }],
  [layers.depthToSpace, { blockSize: 2 }],
  [layers.embedding, { inputDim: 5, outputDim: 3, embeddingsInitializer: 'ones', inputLength: 7 }],
  [layers.globalAveragePooling1d, {}],
  [layers.globalAveragePooling2d, { keepDims: true }],
  [layers.globalMaxPooling1d, { keepDims: true }],
  [layers.globalMaxPooling2d, {}],
  [layers.maximum, {}],
  [layers.minimum, {}],
  [layers.multiply, {}],
  [layers.permute, { dims: [2, 1] }],
  [layers.repeatVector, { n: 4 }],
  [layers.timeDistributed, { layer: layers.dense({ units: 2, trainable: false }), inputShape: [3, 4] }],
  [layers.resizing, { height: 3, width: 5, interpolation: 'nearest', cropToAspectRatio: true }],
  [layers.subtract, {}],
  [layers.upSampling2d, { size: [2, 3], interpolation: 'bilinear' }],
  [
    layers.zeroPadding2d,
    {
      padding: [
        [1, 2],
        [0, 3],
      ],
    },
  ],
];

const make = (factory: Factory, options: object) => factory(options as never);
const schemaOf = (layer: layers.Layer) => (layer.constructor as unknown as LayerClass).schema;

/** The config of the layer with these options, or the error. */
function outcome(factory: Factory, options: object): object | 'refused' {
  try {
    return make(factory, options).getConfig();
  } catch (error) {
    if (error instanceof ConvforgeError) return 'refused';
    throw error;
  }
}

describe.each(EXAMPLES)('the config of %o with options %j', (factory, options) => {
  const layer = make(factory, options);
  const config = JSON.parse(JSON.stringify(layer.getConfig()));

  it('rebuilds the layer through its class and its factory', () => {
    const again = layerClass(layer.getClassName()).fromConfig(config);
    expect(again).toBeInstanceOf(layer.constructor);
    for (const copy of [again, make(factory, config), make(factory, layer.getConfig())]) {
      expect(copy.getConfig()).toEqual(config);
    }
  });

  it('may have null for missing options, as in saved files', () => {
    for (const key of Object.keys(schemaOf(layer))) {
      const { [key]: _, ...others } = config;
      const outcomes = { key, given: outcome(factory, { ...others, [key]: null }) };
      expect(outcomes).toEqual({ key, given: outcome(factory, others) });
    }
  });
});

describe('layerClass', () => {
  it('has an example of every class in this file', () => {
    const concrete = Object.values(layers).filter(
      (exported) => typeof exported === 'function' && exported.prototype instanceof layers.Layer,
    );
    const examples = EXAMPLES.map(([factory, options]) => make(factory, options).constructor);
    expect(new Set(examples)).toEqual(new Set(concrete));
  });

  it.each(['constructor', '__proto__', 'toString', 'Layer', 'conv2d', 'Conv3D', '', 7, null, ['Dense']])(
    'refuses %j',
    async (className) => {
      await expectError(() => layerClass(className), 'UNSUPPORTED', /layer/);
    },
  );
});

describe('fromConfig', () => {
  it.each([
    ['Embedding', { inputDim: 3, outputDim: 2 }, { maskZero: false }, { maskZero: true }],
    ['BatchNormalization', {}, { renorm: false, synchronized: false }, { synchronized: true }],
    ['Conv2DTranspose', { filters: 2, kernelSize: 3 }, { groups: 1 }, { groups: 2 }],
    ['Resizing', { height: 2, width: 2 }, { fillMode: 'constant', fillValue: 0 }, { fillMode: 'nearest' }],
    ['InputLayer', { inputShape: [2] }, { sparse: false, ragged: false }, { ragged: true }],
  ])('of %s ignores keys of other programs at their neutral value', async (name, own, neutral, other) => {
    const config = layerClass(name).fromConfig(own).getConfig();
    expect(
      layerClass(name)
        .fromConfig({ ...own, ...neutral })
        .getConfig(),
    ).toEqual(config);
    await expectError(() => layerClass(name).fromConfig({ ...own, ...other }), 'UNSUPPORTED', /which this/);
    await expectError(() => layerClass('Flatten').fromConfig(neutral), 'UNSUPPORTED', /which this/);
  });

  it('ignores options without effect, and refuses those that would be lost', async () => {
    const neutral = {
      units: 2,
      dtype: 'float32',
      trainable: true,
      kernelRegularizer: null,
      activityRegularizer: null,
    };
    expect(layerClass('Dense').fromConfig(neutral).getConfig()).toMatchObject({ units: 2 });
    for (const key of ['activityRegularizer', '__proto__x', 'sparse']) {
      const config = { units: 2, name: 'd', [key]: true };
      const error = await expectError(
        () => layerClass('Dense').fromConfig(config),
        'UNSUPPORTED',
        /which this version/,
      );
      expect(error.layer).toBe('d');
    }
  });
});

describe('snakeCase', () => {
  it.each([
    ['Conv2D', 'conv2d'],
    ['MaxPooling2D', 'max_pooling2d'],
    ['InputLayer', 'input_layer'],
    ['Dense', 'dense'],
    ['LeakyReLU', 'leaky_re_lu'],
    ['BatchNormalization', 'batch_normalization'],
  ])('%s is %s', (className, name) => expect(snakeCase(className)).toBe(name));
});
