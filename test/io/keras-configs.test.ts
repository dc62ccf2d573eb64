import { describe, expect, it } from 'vitest';
import { fromPythonCase, toPythonCase } from '../../lib/io/casing.js';
import { layerClass } from '../../lib/layers/registry.js';
import { expectError } from '../support/convforge-error.js';

// The configs that layers of Keras 2 and 3 write, with their defaults. All must load.

const policy = {
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name: 'float32' },
  registered_name: null,
};
const initializer = (class_name: string, config: object = {}) => ({
  module: 'keras.initializers',
  class_name,
  config,
  registered_name: null,
});
const glorot = initializer('GlorotUniform', { seed: null });
const zeros = initializer('Zeros');
const base = { trainable: true, dtype: policy };
const bias = { use_bias: true, bias_initializer: zeros, bias_regularizer: null, bias_constraint: null };
const kernel = { kernel_initializer: glorot, kernel_regularizer: null, kernel_constraint: null };
const conv = {
  ...base,
  ...bias,
  strides: [1, 1],
  padding: 'valid',
  data_format: 'channels_last',
  activation: 'linear',
  activity_regularizer: null,
};
const scaling = {
  epsilon: 0.001,
  center: true,
  scale: true,
  beta_initializer: zeros,
  gamma_initializer: initializer('Ones'),
  beta_regularizer: null,
  gamma_regularizer: null,
  beta_constraint: null,
  gamma_constraint: null,
};
const pool = { ...base, pool_size: [2, 2], padding: 'valid', strides: [2, 2], data_format: 'channels_last' };
const pool1d = { ...base, pool_size: [2], padding: 'valid', strides: [2], data_format: 'channels_last' };

const CONFIGS: [string, object][] = [
  ['Activation', { ...base, activation: 'relu' }],
  ['Add', base],
  ['AlphaDropout', { ...base, rate: 0.1, seed: null, noise_shape: null }],
  ['Average', base],
  ['AveragePooling1D', pool1d],
  ['AveragePooling2D', pool],
  [
    'BatchNormalization',
    {
      ...base,
      ...scaling,
      axis: -1,
      momentum: 0.99,
      moving_mean_initializer: zeros,
      moving_variance_initializer: initializer('Ones'),
      synchronized: false,
    },
  ],
  ['BatchNormalization', { ...base, ...scaling, axis: [3], momentum: 0.99, renorm: false }],
  ['CenterCrop', { ...base, height: 2, width: 3, data_format: 'channels_last' }],
  ['Concatenate', { ...base, axis: -1 }],
  [
    'Conv1D',
    { ...conv, ...kernel, filters: 3, kernel_size: [2], strides: [1], dilation_rate: [1], groups: 1 },
  ],
  ['Conv2D', { ...conv, ...kernel, filters: 3, kernel_size: [2, 2], dilation_rate: [1, 1], groups: 1 }],
  [
    'Conv2DTranspose',
    {
      ...conv,
      ...kernel,
      filters: 3,
      kernel_size: [2, 2],
      dilation_rate: [1, 1],
      groups: 1,
      output_padding: null,
    },
  ],
  ['Cropping1D', { ...base, cropping: [1, 1] }],
  [
    'Cropping2D',
    {
      ...base,
      cropping: [
        [1, 1],
        [1, 1],
      ],
      data_format: 'channels_last',
    },
  ],
  [
    'Dense',
    { ...base, ...bias, ...kernel, units: 4, activation: 'relu', quantization_config: null, lora_rank: null },
  ],
  [
    'DepthwiseConv2D',
    {
      ...conv,
      kernel_size: [2, 2],
      dilation_rate: [1, 1],
      depth_multiplier: 1,
      depthwise_initializer: glorot,
      depthwise_regularizer: null,
      depthwise_constraint: null,
    },
  ],
  ['Dot', { ...base, axes: 1, normalize: false }],
  ['Dropout', { ...base, rate: 0.5, seed: null, noise_shape: null }],
  ['ELU', { ...base, alpha: 1 }],
  [
    'Embedding',
    {
      ...base,
      input_dim: 5,
      output_dim: 3,
      embeddings_initializer: initializer('RandomUniform', { minval: -0.05, maxval: 0.05, seed: null }),
      embeddings_regularizer: null,
      activity_regularizer: null,
      embeddings_constraint: null,
      mask_zero: false,
      input_length: null,
    },
  ],
  ['Flatten', { ...base, data_format: 'channels_last' }],
  ['GaussianDropout', { ...base, rate: 0.1, seed: null }],
  ['GaussianNoise', { ...base, stddev: 0.1, seed: null }],
  ['GlobalAveragePooling1D', { ...base, data_format: 'channels_last', keepdims: false }],
  ['GlobalAveragePooling2D', { ...base, data_format: 'channels_last', keepdims: true }],
  ['GlobalMaxPooling1D', { ...base, data_format: 'channels_last', keepdims: true }],
  ['GlobalMaxPooling2D', { ...base, data_format: 'channels_last', keepdims: false }],
  ['GroupNormalization', { ...base, ...scaling, groups: 4, axis: -1 }],
  [
    'InputLayer',
    { dtype: 'float32', batch_shape: [null, 28, 28, 1], sparse: false, ragged: false, optional: false },
  ],
  ['InputLayer', { batch_input_shape: [null, 28, 28, 1], dtype: 'float32', sparse: false, ragged: false }],
  ['LayerNormalization', { ...base, ...scaling, axis: [3], rms_scaling: false }],
  ['LeakyReLU', { ...base, negative_slope: 0.3 }],
  ['LeakyReLU', { ...base, alpha: 0.3 }],
  ['MaxPooling1D', pool1d],
  ['MaxPooling2D', pool],
  ['Maximum', base],
  ['Minimum', base],
  ['Multiply', base],
  ['Normalization', { ...base, axis: [-1], mean: [1, 2], variance: [1, 2], invert: false }],
  ['Normalization', { ...base, axis: [1, 3], mean: null, variance: null, invert: false }],
  ['Rescaling', { ...base, scale: [0.5, 2], offset: [0, 1] }],
  // The configs of Keras 3.15.
  [
    'BatchNormalization',
    { ...base, axis: -1, synchronized: false, renorm: false, renorm_clipping: null, renorm_momentum: 0.99 },
  ],
  [
    'Dense',
    {
      ...base,
      units: 3,
      kernel_initializer: {
        module: 'keras.initializers',
        class_name: 'GlorotUniform',
        config: { seed: null, input_axes: null, output_axes: null },
        registered_name: null,
      },
      quantization_config: null,
    },
  ],
  ['Dense', { ...base, units: 3, kernel_initializer: { class_name: 'Ones', config: null } }],
  ['Dense', { ...base, units: 3, kernel_regularizer: { class_name: 'L2', config: null } }],
  ['Dense', { ...base, units: 3, kernel_constraint: { class_name: 'NonNeg', config: null } }],
  [
    'PReLU',
    {
      ...base,
      alpha_initializer: zeros,
      alpha_regularizer: null,
      alpha_constraint: null,
      shared_axes: [1, 2],
    },
  ],
  ['Permute', { ...base, dims: [2, 1] }],
  ['RandomBrightness', { ...base, factor: [-0.2, 0.2], value_range: [0, 255], seed: null }],
  ['RandomContrast', { ...base, factor: [0, 0.2], value_range: [0, 1], seed: 5 }],
  ['RandomContrast', { ...base, factor: 0.2, seed: null }],
  ['ReLU', { ...base, max_value: null, negative_slope: 0, threshold: 0 }],
  ['RepeatVector', { ...base, n: 3 }],
  ['Rescaling', { ...base, scale: 0.5, offset: 0 }],
  ['Reshape', { ...base, target_shape: [2, 3] }],
  [
    'Resizing',
    {
      ...base,
      height: 4,
      width: 5,
      interpolation: 'bilinear',
      crop_to_aspect_ratio: false,
      pad_to_aspect_ratio: false,
      fill_mode: 'constant',
      fill_value: 0,
      antialias: false,
      data_format: 'channels_last',
    },
  ],
  [
    'SeparableConv2D',
    {
      ...conv,
      filters: 3,
      kernel_size: [2, 2],
      dilation_rate: [1, 1],
      depth_multiplier: 1,
      depthwise_initializer: glorot,
      pointwise_initializer: glorot,
      depthwise_regularizer: null,
      pointwise_regularizer: null,
      depthwise_constraint: null,
      pointwise_constraint: null,
    },
  ],
  ['Softmax', { ...base, axis: -1 }],
  ['SpatialDropout1D', { ...base, rate: 0.2, seed: null, name: 's' }],
  ['SpatialDropout2D', { ...base, rate: 0.2, seed: null, data_format: 'channels_last' }],
  ['Subtract', base],
  ['UpSampling2D', { ...base, size: [2, 2], data_format: 'channels_last', interpolation: 'nearest' }],
  ['ZeroPadding1D', { ...base, padding: [1, 1] }],
  [
    'ZeroPadding2D',
    {
      ...base,
      padding: [
        [1, 1],
        [1, 1],
      ],
      data_format: 'channels_last',
    },
  ],
];

const load = (className: string, config: object) =>
  layerClass(className).fromConfig(fromPythonCase('model.json', { ...config }));

describe('configs of Keras', () => {
  it.each(CONFIGS)('%s loads', (className, config) => {
    const layer = load(className, config);
    expect(layer.getClassName()).toBe(className);
    const again = JSON.parse(JSON.stringify(layer.getConfig()));
    expect(layerClass(className).fromConfig(again).getConfig()).toEqual(layer.getConfig());
  });

  it('are saved with the names that Keras reads', () => {
    const written = toPythonCase(load('GlobalMaxPooling2D', { name: 'top', keepdims: true }).getConfig());
    expect(written).toEqual({ name: 'top', keepdims: true, data_format: 'channels_last' });
  });

  it('mean what they mean in Keras', () => {
    expect(load('GlobalMaxPooling2D', { keepdims: true }).computeOutputShape([4, 4, 3])).toEqual([1, 1, 3]);
    expect(load('GlobalMaxPooling2D', { keepdims: false }).computeOutputShape([4, 4, 3])).toEqual([3]);
    expect(load('Embedding', { input_dim: 5, output_dim: 3, input_length: 7 }).inputShape).toEqual([7]);
    expect(load('Dropout', { rate: 0.5, seed: 42, noise_shape: null })).toMatchObject({
      rate: 0.5,
      seed: 42,
    });
    expect(load('GaussianNoise', { stddev: 0.1, seed: 42 })).toMatchObject({ seed: 42 });
    const contrast = { ...base, factor: [0, 0.2], value_range: [0, 1], data_format: 'channels_last' };
    expect(load('RandomContrast', contrast)).toMatchObject({ factor: [0, 0.2], valueRange: [0, 1] });
    expect(load('RandomContrast', { factor: 0.2 })).toMatchObject({
      factor: [0.2, 0.2],
      valueRange: [0, 255],
    });
    expect(load('InputLayer', { batch_shape: [null, 4, 1] }).inputShape).toEqual([4, 1]);
  });

  it.each<[string, object, RegExp]>([
    ['Embedding', { input_dim: 5, output_dim: 3, mask_zero: true }, /maskZero true/],
    ['Resizing', { height: 2, width: 2, antialias: true }, /antialias true/],
    ['Resizing', { height: 2, width: 2, pad_to_aspect_ratio: true }, /padToAspectRatio true/],
    ['Normalization', { axis: [-1], mean: 0, variance: 1, invert: true }, /invert true/],
    ['Dense', { units: 3, dtype: { ...policy, config: { name: 'mixed_float16' } } }, /dtype/],
    ['Dense', { units: 3, dtype: 'float16' }, /dtype 'float16'/],
    ['BatchNormalization', { renorm: true, renorm_momentum: 0.99 }, /renorm true/],
    ['UpSampling2D', { size: [2, 2], data_format: 'channels_first' }, /channelsFirst/],
    ['Conv2DTranspose', { filters: 1, kernel_size: 2, groups: 2 }, /groups 2/],
    ['LayerNormalization', { rms_scaling: true }, /rmsScaling true/],
  ])('%s %j is refused', async (className, config, message) => {
    await expectError(() => load(className, config), 'UNSUPPORTED', message);
  });
});
