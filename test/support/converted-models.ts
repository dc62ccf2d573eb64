import type { io } from '../../lib/index.js';
import { RandomGenerator } from '../../lib/random/index.js';

type Config = Record<string, unknown>;
type Entry = io.WeightsManifestEntry;

const initializer = (class_name: string, config: Config = {}) => ({ class_name, config });
const NO_REGULARIZERS = { kernel_regularizer: null, bias_regularizer: null, activity_regularizer: null };
const NO_CONSTRAINTS = { kernel_constraint: null, bias_constraint: null };
const KERNEL = {
  kernel_initializer: initializer('VarianceScaling', {
    scale: 1,
    mode: 'fan_avg',
    distribution: 'uniform',
    seed: null,
  }),
  bias_initializer: initializer('Zeros'),
  ...NO_REGULARIZERS,
  ...NO_CONSTRAINTS,
};

/**
 * A graph as TensorFlow.js's converter writes it for Keras's files: topologies of Keras 2.2.4 to 2.10,
 * weights sorted by name, stored as float32 or quantized by their minimum and maximum.
 */
export class ConvertedModel {
  readonly #layers: Config[] = [];
  readonly #weights: { name: string; shape: number[]; values: Float32Array }[] = [];
  readonly #random: RandomGenerator;

  constructor(
    private readonly keras: '2.2.4' | '2.10.0',
    seed: number,
  ) {
    this.#random = new RandomGenerator(seed);
  }

  /** Adds a layer with these inputs, and returns its name. */
  layer(class_name: string, name: string, config: Config, ...from: string[]): string {
    const inbound_nodes = from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])];
    const trainable = class_name === 'InputLayer' ? {} : { trainable: this.keras === '2.10.0' };
    const dtype = this.keras === '2.10.0' ? { dtype: 'float32' } : {};
    this.#layers.push({
      name,
      class_name,
      config: { name, ...trainable, ...dtype, ...config },
      inbound_nodes,
    });
    return name;
  }

  input(name: string, ...shape: (number | null)[]): string {
    const config = { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false };
    return this.layer('InputLayer', name, config);
  }

  conv(name: string, from: string, [size, channels, filters]: number[], config: Config = {}): string {
    this.#weight(`${name}/kernel`, [size, size, channels, filters]);
    const use_bias = config.use_bias ?? false;
    if (use_bias) this.#weight(`${name}/bias`, [filters]);
    const all = {
      filters,
      kernel_size: [size, size],
      strides: [1, 1],
      padding: 'same',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'linear',
      ...KERNEL,
      ...config,
      use_bias,
    };
    return this.layer('Conv2D', name, this.keras === '2.10.0' ? { ...all, groups: 1 } : all, from);
  }

  depthwise(name: string, from: string, channels: number): string {
    this.#weight(`${name}/depthwise_kernel`, [3, 3, channels, 1]);
    const { kernel_initializer, kernel_regularizer, kernel_constraint, ...rest } = KERNEL;
    const config = {
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'same',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'linear',
      use_bias: false,
      ...rest,
      depth_multiplier: 1,
      depthwise_initializer: kernel_initializer,
      depthwise_regularizer: kernel_regularizer,
      depthwise_constraint: kernel_constraint,
    };
    return this.layer('DepthwiseConv2D', name, config, from);
  }

  norm(name: string, from: string, channels: number, config: Config = {}): string {
    const scale = config.scale ?? true;
    if (scale) this.#weight(`${name}/gamma`, [channels], 0.5, 1.5);
    this.#weight(`${name}/beta`, [channels]);
    this.#weight(`${name}/moving_mean`, [channels]);
    this.#weight(`${name}/moving_variance`, [channels], 0.5, 2);
    const all = {
      axis: -1,
      momentum: 0.999,
      epsilon: 0.001,
      center: true,
      beta_initializer: initializer('Zeros'),
      gamma_initializer: initializer('Ones'),
      moving_mean_initializer: initializer('Zeros'),
      moving_variance_initializer: initializer('Ones'),
      beta_regularizer: null,
      gamma_regularizer: null,
      beta_constraint: null,
      gamma_constraint: null,
      ...config,
      scale,
    };
    return this.layer('BatchNormalization', name, all, from);
  }

  dense(name: string, from: string, [inputs, units]: number[], activation: string): string {
    this.#weight(`${name}/kernel`, [inputs, units]);
    this.#weight(`${name}/bias`, [units]);
    const config = {
      units,
      activation,
      use_bias: true,
      ...KERNEL,
      kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.0005000000237487257 } },
      trainable: true,
    };
    return this.layer('Dense', name, config, from);
  }

  /** The artifacts that a handler returns. `dtype` is the type of stored weights. */
  artifacts(input: string, output: string, dtype?: 'uint8' | 'uint16'): io.ModelArtifacts {
    const config = {
      name: 'model_1',
      layers: this.#layers,
      input_layers: [[input, 0, 0]],
      output_layers: [[output, 0, 0]],
    };
    const model_config = { class_name: this.keras === '2.2.4' ? 'Model' : 'Functional', config };
    const sorted = this.#weights.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const stored = sorted.map(({ name, shape, values }) =>
      store({ name, shape, dtype: 'float32' }, values, dtype),
    );
    const training = {
      optimizer_config: { class_name: 'SGD', config: { lr: 9e-7 } },
      loss: 'categorical_crossentropy',
    };
    return {
      modelTopology: {
        keras_version: this.keras,
        backend: 'tensorflow',
        model_config,
        ...(this.keras === '2.2.4' && { training_config: training }),
      },
      ...(this.keras === '2.10.0' && {
        format: 'layers-model',
        generatedBy: 'keras v2.10.0',
        convertedBy: 'TensorFlow.js Converter v1.2.6',
      }),
      weightSpecs: stored.map(({ spec }) => spec),
      weightData: Uint8Array.from(stored.flatMap(({ bytes }) => [...bytes])).buffer,
    };
  }

  #weight(name: string, shape: number[], low = -0.5, high = 0.5): void {
    const length = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length }, () => low + (high - low) * this.#random.uniform());
    this.#weights.push({ name, shape, values });
  }
}

function store(
  spec: Entry,
  values: Float32Array,
  dtype?: 'uint8' | 'uint16',
): { spec: Entry; bytes: Uint8Array } {
  if (dtype === undefined) return { spec, bytes: new Uint8Array(values.buffer) };
  const min = Math.min(...values);
  const scale = (Math.max(...values) - min) / (dtype === 'uint8' ? 255 : 65535);
  const whole = values.map((value) => Math.round((value - min) / scale));
  const bytes = dtype === 'uint8' ? Uint8Array.from(whole) : new Uint8Array(Uint16Array.from(whole).buffer);
  return { spec: { ...spec, quantization: { min, scale, dtype } }, bytes };
}

/**
 * A graph like MobileNetV2: padded strides, depthwise convolutions, ReLU6, sums and a head of dense layers.
 */
export function smallMobileNet(): io.ModelArtifacts {
  const net = new ConvertedModel('2.2.4', 1);
  const pad = {
    padding: [
      [0, 1],
      [0, 1],
    ],
    data_format: 'channels_last',
  };
  const relu6 = { max_value: 6, negative_slope: 0, threshold: 0 };
  const input = net.input('input_1', 16, 16, 3);
  let x = net.layer('ZeroPadding2D', 'Conv1_pad', pad, input);
  x = net.conv('Conv1', x, [3, 3, 8], { strides: [2, 2], padding: 'valid' });
  x = net.norm('bn_Conv1', x, 8);
  const first = net.layer('ReLU', 'Conv1_relu', relu6, x);
  x = net.depthwise('expanded_conv_depthwise', first, 8);
  x = net.norm('expanded_conv_depthwise_BN', x, 8);
  x = net.layer('ReLU', 'expanded_conv_depthwise_relu', relu6, x);
  x = net.conv('expanded_conv_project', x, [1, 8, 8]);
  x = net.norm('expanded_conv_project_BN', x, 8);
  x = net.layer('Add', 'block_2_add', {}, first, x);
  const average = { pool_size: [4, 4], padding: 'valid', strides: [4, 4], data_format: 'channels_last' };
  x = net.layer('AveragePooling2D', 'average_pooling2d_1', average, x);
  x = net.layer('Flatten', 'flatten_1', { data_format: 'channels_last' }, x);
  x = net.dense('dense_1', x, [32, 6], 'relu');
  x = net.layer('Dropout', 'dropout_2', { rate: 0.5, noise_shape: null, seed: null }, x);
  return net.artifacts(input, net.dense('dense_3', x, [6, 5], 'softmax'), 'uint8');
}

/**
 * A graph like InceptionV3: branches of convolutions and average pooling that are concatenated, and batch
 * normalizations without scale over a named axis.
 */
export function smallInception(): io.ModelArtifacts {
  const net = new ConvertedModel('2.2.4', 2);
  const unit = (n: number, from: string, sizes: number[]) => {
    const conv = net.conv(`conv2d_${n}`, from, sizes);
    const norm = net.norm(`batch_normalization_${n}`, conv, sizes[2], { axis: 3, scale: false });
    return net.layer('Activation', `activation_${n}`, { activation: 'relu' }, norm);
  };
  const pool = (strides: number, padding: string) => ({
    pool_size: [3, 3],
    padding,
    strides: [strides, strides],
    data_format: 'channels_last',
  });
  const input = net.input('input_1', 13, 13, 3);
  const stem = net.layer('MaxPooling2D', 'max_pooling2d_1', pool(2, 'valid'), unit(1, input, [3, 3, 6]));
  const average = net.layer('AveragePooling2D', 'average_pooling2d_1', pool(1, 'same'), stem);
  const branches = [
    unit(2, stem, [1, 6, 4]),
    unit(4, unit(3, stem, [1, 6, 3]), [5, 3, 4]),
    unit(5, average, [1, 6, 2]),
  ];
  let x = net.layer('Concatenate', 'mixed0', { axis: 3 }, ...branches);
  x = net.layer('GlobalAveragePooling2D', 'average_pooling2d_10', { data_format: 'channels_last' }, x);
  return net.artifacts(input, net.dense('dense_3', x, [10, 5], 'softmax'), 'uint16');
}

/** A graph like the upscaler: images of any size, dense connections, up-sampling, no quantization. */
export function smallUpscaler(): io.ModelArtifacts {
  const net = new ConvertedModel('2.10.0', 3);
  const bias = { use_bias: true };
  const input = net.input('LR', null, null, 3);
  const first = net.conv('F_m1', input, [3, 3, 6], bias);
  const grown = net.layer(
    'Activation',
    'F_1_1_Relu',
    { activation: 'relu' },
    net.conv('F_1_1', first, [3, 6, 2], bias),
  );
  const both = net.layer('Concatenate', 'RDB_Concat_1_1', { axis: 3 }, first, grown);
  const fused = net.layer('Add', 'LRL_1', {}, net.conv('LFF_1', both, [1, 8, 6], bias), first);
  const up = { size: [2, 2], data_format: 'channels_last', interpolation: 'nearest' };
  const larger = net.layer('UpSampling2D', 'UPsample', up, fused);
  return net.artifacts(input, net.conv('SR', larger, [3, 6, 3], bias));
}
