import {
  concat,
  input,
  layers,
  type LayersModel,
  model,
  mul,
  randomNormal,
  randomUniform,
  sequential,
  sigmoid,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from '../../../lib/index.js';
import { weightRefs } from '../../../lib/layers/weight-tensors.js';

/** A model that is written as ONNX, with its inputs. */
export interface LayerCase {
  name: string;
  model: LayersModel;
  inputs: Tensor[];
}

/** null for a size that the model leaves open. */
type Sizes = readonly (number | null)[];
type AnyLayer = InstanceType<typeof layers.Layer>;

const SAMPLES = 2;

/** Random weights, so that none is a 0 or 1 that hides a mistake. */
function withWeights(made: LayersModel): LayersModel {
  const refs = weightRefs(made.layers);
  const values = refs.map(({ spec: { name, shape } }, i) =>
    name.includes('variance')
      ? randomUniform(shape, 0.2, 1.5, 'float32', i)
      : randomNormal(shape, 0, 0.5, 'float32', i),
  );
  made.setWeights(values);
  return made;
}

function samples(shapes: readonly Sizes[]): Tensor[] {
  return shapes.map((shape, i) =>
    randomNormal([SAMPLES, ...shape.map((size) => size ?? 1)], 0, 1, 'float32', 100 + i),
  );
}

/** A chain of layers. */
function chain(name: string, shape: Sizes, ...list: AnyLayer[]): LayerCase {
  const made = sequential({
    name: 'chain',
    layers: [layers.inputLayer({ inputShape: [...shape], name: 'x' }), ...list],
  });
  return { name, model: withWeights(made), inputs: samples([shape]) };
}

/** A graph of several inputs. */
function graph(
  name: string,
  shapes: readonly Sizes[],
  build: (...inputs: SymbolicTensor[]) => SymbolicTensor | SymbolicTensor[],
): LayerCase {
  const inputs = shapes.map((shape, i) => input({ shape: [...shape], name: `x${i + 1}` }));
  const made = model({ name: 'graph', inputs, outputs: build(...inputs) });
  return { name, model: withWeights(made), inputs: samples(shapes) };
}

const IMAGE = [7, 6, 4];
const MAP = [4, 4, 3];

const ACTIVATIONS = [
  'elu',
  'exponential',
  'gelu',
  'geluNew',
  'hardSigmoid',
  'hardSwish',
  'leakyRelu',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'silu',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
] as const;

function activations(): LayerCase[] {
  const conv = () => layers.conv2d({ filters: 3, kernelSize: 2, name: 'conv' });
  return [
    ...ACTIVATIONS.map((activation) =>
      chain(`activation ${activation}`, MAP, conv(), layers.activation({ activation, name: 'y' })),
    ),
    chain('ELU', MAP, layers.elu({ alpha: 0.3, name: 'y' })),
    chain('LeakyReLU', MAP, layers.leakyReLU({ alpha: 0.2, name: 'y' })),
    chain(
      'ReLU of all options',
      MAP,
      layers.reLU({ maxValue: 1, negativeSlope: 0.2, threshold: 0.3, name: 'y' }),
    ),
    chain('ReLU with a limit', MAP, layers.reLU({ maxValue: 0.5, name: 'y' })),
    chain('ReLU with slope and limit', MAP, layers.reLU({ maxValue: 0.5, negativeSlope: 0.2, name: 'y' })),
    chain('ThresholdedReLU', MAP, layers.thresholdedReLU({ theta: 0.4, name: 'y' })),
    chain('PReLU', MAP, layers.prelu({ name: 'y' })),
    chain('PReLU, shared axes', MAP, conv(), layers.prelu({ sharedAxes: [1, 2], name: 'y' })),
    chain('Softmax over rows', MAP, conv(), layers.softmax({ axis: 1, name: 'y' })),
  ];
}

function convolutions(): LayerCase[] {
  return [
    chain('Conv2D', IMAGE, layers.conv2d({ filters: 5, kernelSize: [3, 2], name: 'y' })),
    chain(
      'Conv2D, same, strides',
      IMAGE,
      layers.conv2d({ filters: 5, kernelSize: 4, strides: 2, padding: 'same', useBias: false, name: 'y' }),
    ),
    chain('Conv2D, dilated', IMAGE, layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, name: 'y' })),
    chain('Conv2D, groups', IMAGE, layers.conv2d({ filters: 6, kernelSize: 3, groups: 2, name: 'y' })),
    chain('Conv1D', [9, 3], layers.conv1d({ filters: 4, kernelSize: 3, padding: 'same', name: 'y' })),
    chain(
      'Conv1D, causal',
      [9, 3],
      layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal', name: 'y' }),
    ),
    chain(
      'Conv1D twice',
      [9, 3],
      layers.conv1d({ filters: 4, kernelSize: 3 }),
      layers.conv1d({ filters: 2, kernelSize: 2, name: 'y' }),
    ),
    chain('DepthwiseConv2D', IMAGE, layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, name: 'y' })),
    chain(
      'SeparableConv2D',
      IMAGE,
      layers.separableConv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'y' }),
    ),
    chain(
      'Conv2DTranspose',
      MAP,
      layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, name: 'y' }),
    ),
    chain(
      'Conv2DTranspose, same',
      MAP,
      layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', name: 'y' }),
    ),
    chain(
      'Conv2DTranspose, wide strides',
      MAP,
      layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, name: 'y' }),
    ),
  ];
}

function pools(): LayerCase[] {
  const options = { poolSize: 3, strides: 2, padding: 'same', name: 'y' } as const;
  return [
    chain('MaxPooling2D', IMAGE, layers.maxPooling2d(options)),
    chain('AveragePooling2D', IMAGE, layers.averagePooling2d(options)),
    chain('SumPooling2D', IMAGE, layers.sumPooling2d(options)),
    chain('MaxPooling1D', [9, 3], layers.maxPooling1d({ name: 'y' })),
    chain('AveragePooling1D', [9, 3], layers.averagePooling1d({ padding: 'same', name: 'y' })),
    chain('SumPooling1D', [9, 3], layers.sumPooling1d({ name: 'y' })),
    chain('GlobalAveragePooling2D', IMAGE, layers.globalAveragePooling2d({ name: 'y' })),
    chain(
      'GlobalAveragePooling2D, keepDims',
      IMAGE,
      layers.globalAveragePooling2d({ keepDims: true, name: 'y' }),
    ),
    chain('GlobalMaxPooling2D', IMAGE, layers.globalMaxPooling2d({ name: 'y' })),
    chain('GlobalAveragePooling1D', [9, 3], layers.globalAveragePooling1d({ name: 'y' })),
    chain('GlobalMaxPooling1D', [9, 3], layers.globalMaxPooling1d({ name: 'y' })),
  ];
}

function normalizations(): LayerCase[] {
  return [
    chain('BatchNormalization', MAP, layers.batchNormalization({ epsilon: 0.01, name: 'y' })),
    chain(
      'BatchNormalization, plain',
      MAP,
      layers.batchNormalization({ scale: false, center: false, name: 'y' }),
    ),
    chain('BatchNormalization of vectors', [5], layers.batchNormalization({ name: 'y' })),
    chain('GroupNormalization', IMAGE, layers.groupNormalization({ groups: 2, epsilon: 0.01, name: 'y' })),
    chain('GroupNormalization of vectors', [6], layers.groupNormalization({ groups: 3, name: 'y' })),
    chain('LayerNormalization', MAP, layers.layerNormalization({ name: 'y' })),
    chain(
      'LayerNormalization over all',
      MAP,
      layers.layerNormalization({ axis: [1, 2, 3], center: false, name: 'y' }),
    ),
    graph('BatchNormalization of the batch', [MAP], (x) =>
      layers.batchNormalization({ name: 'y' }).apply(x, { training: true }),
    ),
    chain('Normalization', MAP, layers.normalization({ mean: [1, 2, 3], variance: [0.5, 2, 1], name: 'y' })),
    chain('Rescaling', MAP, layers.rescaling({ scale: 0.5, offset: -1, name: 'y' })),
  ];
}

function preprocessing(): LayerCase[] {
  return [
    chain('CenterCrop', IMAGE, layers.centerCrop({ height: 3, width: 4, name: 'y' })),
    chain('Resizing, bilinear', IMAGE, layers.resizing({ height: 5, width: 9, name: 'y' })),
    chain(
      'Resizing, nearest',
      IMAGE,
      layers.resizing({ height: 5, width: 9, interpolation: 'nearest', name: 'y' }),
    ),
    chain('RandomCrop', IMAGE, layers.randomCrop({ height: 4, width: 3, name: 'y' })),
    chain('RandomCrop, resized', IMAGE, layers.randomCrop({ height: 3, width: 5, name: 'y' })),
    chain(
      'layers that only train',
      MAP,
      layers.randomBrightness({ factor: 0.2 }),
      layers.randomContrast({ factor: 0.2 }),
      layers.randomFlip({}),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.1 }),
      layers.dropout({ rate: 0.5 }),
      layers.spatialDropout2d({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1, name: 'y' }),
    ),
    chain(
      'SpatialDropout1D',
      [5, 3],
      layers.spatialDropout1d({ rate: 0.5 }),
      layers.dense({ units: 2, name: 'y' }),
    ),
  ];
}

function reshapings(): LayerCase[] {
  return [
    chain('Cropping1D', [9, 3], layers.cropping1D({ cropping: [2, 1], name: 'y' })),
    chain(
      'Cropping2D',
      IMAGE,
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 1],
        ],
        name: 'y',
      }),
    ),
    chain('ZeroPadding1D', [9, 3], layers.zeroPadding1d({ padding: [2, 1], name: 'y' })),
    chain(
      'ZeroPadding2D',
      IMAGE,
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 1],
        ],
        name: 'y',
      }),
    ),
    chain(
      'Flatten',
      MAP,
      layers.conv2d({ filters: 2, kernelSize: 2 }),
      layers.flatten({}),
      layers.dense({ units: 3, name: 'y' }),
    ),
    chain('Permute', MAP, layers.permute({ dims: [3, 1, 2], name: 'y' })),
    chain('Reshape', MAP, layers.reshape({ targetShape: [2, 6, 4], name: 'y' })),
    chain('RepeatVector', [5], layers.repeatVector({ n: 3, name: 'y' })),
    chain('SpaceToDepth', MAP, layers.spaceToDepth({ blockSize: 2, name: 'y' })),
    chain('DepthToSpace', [2, 3, 8], layers.depthToSpace({ blockSize: 2, name: 'y' })),
    chain('UpSampling2D, nearest', MAP, layers.upSampling2d({ size: [2, 3], name: 'y' })),
    chain(
      'UpSampling2D, bilinear',
      MAP,
      layers.upSampling2d({ size: 2, interpolation: 'bilinear', name: 'y' }),
    ),
  ];
}

function merges(): LayerCase[] {
  const pair = [MAP, MAP];
  return [
    graph('Add', [MAP, MAP, MAP], (...x) => layers.add({ name: 'y' }).apply(x)),
    graph('Add of other shapes', [MAP, [1, 4, 1]], (...x) => layers.add({ name: 'y' }).apply(x)),
    graph('Average', pair, (...x) => layers.average({ name: 'y' }).apply(x)),
    graph('Maximum', pair, (...x) => layers.maximum({ name: 'y' }).apply(x)),
    graph('Minimum', pair, (...x) => layers.minimum({ name: 'y' }).apply(x)),
    graph('Multiply', [MAP, MAP, MAP], (...x) => layers.multiply({ name: 'y' }).apply(x)),
    graph('Subtract', pair, (...x) => layers.subtract({ name: 'y' }).apply(x)),
    graph('Concatenate', [MAP, [4, 2, 3]], (...x) => layers.concatenate({ axis: 2, name: 'y' }).apply(x)),
    graph(
      'Dot',
      [
        [3, 4],
        [4, 2],
      ],
      (...x) => layers.dot({ axes: [2, 1], name: 'y' }).apply(x),
    ),
    graph('Dot of vectors', [[5], [5]], (...x) =>
      layers.dot({ axes: 1, normalize: true, name: 'y' }).apply(x),
    ),
  ];
}

function graphs(): LayerCase[] {
  const embedding = chain('Embedding', [4], layers.embedding({ inputDim: 6, outputDim: 3, name: 'y' }));
  const shared = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'shared' });
  return [
    {
      ...embedding,
      inputs: [
        tensor(
          [
            [0, 5, 2, 1],
            [3, 3, 4, 0],
          ],
          [2, 4],
          'int32',
        ),
      ],
    },
    chain('Dense', [4], layers.dense({ units: 3, name: 'y' })),
    chain('Dense without bias', [4], layers.dense({ units: 3, useBias: false, name: 'y' })),
    chain('Dense of steps', [2, 4], layers.dense({ units: 3, name: 'y' })),
    chain(
      'TimeDistributed',
      [3, ...MAP],
      layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: 2 }), name: 'y' }),
    ),
    graph('a layer used twice', [MAP], (x) => {
      const first = shared.apply(x);
      return layers.add({ name: 'y' }).apply([first, shared.apply(layers.reLU({}).apply(first))]);
    }),
    graph('residual block, two outputs', [IMAGE], (x) => {
      const conv = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x);
      const sum = layers.add({}).apply([x, layers.batchNormalization({}).apply(conv)]);
      const pooled = layers.globalAveragePooling2d({}).apply(layers.reLU({ name: 'map' }).apply(sum));
      return [layers.dense({ units: 2, activation: 'softmax', name: 'y' }).apply(pooled), sum];
    }),
    graph('functions of tensors', [MAP], (x) => {
      const both = concat([mul(x, sigmoid(x)), x.transpose([0, 2, 1, 3]).div(2)], -1);
      return both
        .mean([1, 2])
        .sub(tensor([1, 2, 3, 4, 5, 6]))
        .clipByValue(-4, 1);
    }),
    graph('the input as an output', [[3]], (x) => [x, layers.dense({ units: 2, name: 'y' }).apply(x)]),
    graph('a nested model', [MAP], (x) => {
      const inner = sequential({
        name: 'inner',
        layers: [layers.conv2d({ filters: 2, kernelSize: 2, inputShape: MAP, name: 'conv' })],
      });
      return inner.apply(x);
    }),
  ];
}

/** Models that leave sizes open, with inputs of a size that none of them was written for. */
function openSizes(): LayerCase[] {
  const image = [null, null, 3];
  const same = { padding: 'same', strides: 2, kernelSize: 3 } as const;
  const sized = (made: LayerCase, shape: Sizes): LayerCase => ({ ...made, inputs: samples([shape]) });
  const shape = [37, 50, 3];
  return [
    sized(
      chain(
        'open sizes, classifier',
        image,
        layers.conv2d({ ...same, filters: 4 }),
        layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        layers.averagePooling2d({ poolSize: 2, padding: 'same' }),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 2, name: 'y' }),
      ),
      shape,
    ),
    sized(
      chain(
        'open sizes, image to image',
        image,
        layers.conv2d({ ...same, filters: 4, name: 'conv' }),
        layers.groupNormalization({ groups: 2 }),
        layers.upSampling2d({ size: 2, interpolation: 'bilinear' }),
        layers.conv2dTranspose({ ...same, filters: 2 }),
        layers.zeroPadding2d({ name: 'y' }),
      ),
      shape,
    ),
    sized(
      chain(
        'open sizes, resized',
        image,
        layers.resizing({ height: 8, width: 6 }),
        layers.flatten({}),
        layers.dense({ units: 2, name: 'y' }),
      ),
      shape,
    ),
    sized(
      chain(
        'open sizes, rows',
        [null, 3],
        layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }),
        layers.globalMaxPooling1d({ name: 'y' }),
      ),
      [13, 3],
    ),
    sized(
      chain(
        'open sizes, frames',
        [4, null, null, 3],
        layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: 2 }), name: 'y' }),
      ),
      [4, 9, 7, 3],
    ),
    sized(
      graph('open sizes, squeeze and excite', [image], (x) => {
        const pooled = layers.globalAveragePooling2d({ keepDims: true }).apply(x);
        const scale = layers.dense({ units: 3, activation: 'sigmoid' }).apply(pooled);
        return layers.multiply({ name: 'y' }).apply([x, scale]);
      }),
      shape,
    ),
  ];
}

/** A model for each kind of layer, and for what graphs of layers add. */
export function layerCases(): LayerCase[] {
  return [
    ...activations(),
    ...convolutions(),
    ...pools(),
    ...normalizations(),
    ...preprocessing(),
    ...reshapings(),
    ...merges(),
    ...graphs(),
    ...openSizes(),
  ];
}
