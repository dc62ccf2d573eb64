import { absent } from './absent.js';
import {
  ANY_RANK,
  BY_HAND,
  GRADIENTS,
  GRAPH_MODEL,
  INTERNAL,
  NO_3D,
  NO_COMPLEX,
  NO_KERNELS,
  NO_RAGGED,
  NOTHING_TO_SET,
  ON_PAIRS,
  ON_VALUES,
  ONE_BACKEND,
  OPTIMIZER,
  PROFILE,
  RECURRENT,
} from './instead.js';

/*
 * TF.js's functions and classes under `tf` that convforge lacks. Each throws UNSUPPORTED and says what to do
 * instead. Each is an export of its own, so that a named import finds it.
 */

// Elementwise functions of one tensor.
export const acos = absent('acos', ON_VALUES);
export const acosh = absent('acosh', ON_VALUES);
export const asin = absent('asin', ON_VALUES);
export const asinh = absent('asinh', ON_VALUES);
export const atan = absent('atan', ON_VALUES);
export const atanh = absent('atanh', ON_VALUES);
export const cosh = absent('cosh', ON_VALUES);
export const sinh = absent('sinh', ON_VALUES);
export const step = absent('step', 'use x.greater(0).toFloat()');
export const tan = absent('tan', ON_VALUES);
// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export const isFinite = absent('isFinite', ON_VALUES);
export const isInf = absent('isInf', ON_VALUES);

// Elementwise functions of several tensors.
export const addN = absent('addN', 'use tensors.reduce((sum, x) => sum.add(x))');
export const atan2 = absent('atan2', ON_PAIRS);
export const bitwiseAnd = absent('bitwiseAnd', ON_PAIRS);
export const divNoNan = absent('divNoNan', 'use tf.where(b.equal(0), 0, a.div(b))');

// Activations and layers.
export const logSigmoid = absent('logSigmoid', 'use x.neg().exp().log1p().neg()');
export const avgPool3d = absent('avgPool3d', NO_3D);
export const batchNorm = absent(
  'batchNorm',
  'use x.sub(mean).div(variance.add(0.001).sqrt()).mul(scale).add(offset)',
);
export const batchNorm2d = absent(
  'batchNorm2d',
  'use x.sub(mean).div(variance.add(0.001).sqrt()).mul(scale).add(offset)',
);
export const batchNorm3d = absent(
  'batchNorm3d',
  'use x.sub(mean).div(variance.add(0.001).sqrt()).mul(scale).add(offset)',
);
export const batchNorm4d = absent(
  'batchNorm4d',
  'use x.sub(mean).div(variance.add(0.001).sqrt()).mul(scale).add(offset)',
);
export const conv1d = absent('conv1d', 'use tf.layers.conv1d in a model, or tf.conv2d on images of one row');
export const conv2dTranspose = absent('conv2dTranspose', 'use tf.layers.conv2dTranspose in a model');
export const conv3d = absent('conv3d', NO_3D);
export const conv3dTranspose = absent('conv3dTranspose', NO_3D);
export const depthwiseConv2d = absent('depthwiseConv2d', 'use tf.layers.depthwiseConv2d in a model');
export const dilation2d = absent('dilation2d', BY_HAND);
export const dropout = absent('dropout', 'use tf.layers.dropout in a model');
export const maxPool3d = absent('maxPool3d', NO_3D);
export const maxPoolWithArgmax = absent(
  'maxPoolWithArgmax',
  'tf.maxPool gives the values; find their indices in the values of x',
);
export const pool = absent('pool', 'use tf.maxPool or tf.avgPool');
export const separableConv2d = absent('separableConv2d', 'use tf.layers.separableConv2d in a model');
export const basicLSTMCell = absent('basicLSTMCell', RECURRENT);
export const multiRNNCell = absent('multiRNNCell', RECURRENT);
export const RNN = absent('RNN', RECURRENT);

// Shapes and indices.
export const batchToSpaceND = absent('batchToSpaceND', 'use reshape and transpose');
export const booleanMaskAsync = absent(
  'booleanMaskAsync',
  'use tf.gather(x, indices) with the indices of what is true',
);
export const broadcastArgs = absent('broadcastArgs', 'operations of two tensors broadcast them');
export const buffer = absent('buffer', 'fill a typed array and give it to tf.tensor(values, shape)');
export const concat1d = absent('concat1d', ANY_RANK);
export const concat2d = absent('concat2d', ANY_RANK);
export const concat3d = absent('concat3d', ANY_RANK);
export const concat4d = absent('concat4d', ANY_RANK);
export const diag = absent('diag', 'use tf.eye(n).mul(x)');
export const ensureShape = absent('ensureShape', 'compare x.shape, or tf.util.arraysEqual(x.shape, shape)');
export const gatherND = absent('gatherND', BY_HAND);
export const meshgrid = absent('meshgrid', 'use tile on tf.range(...) reshaped to a row and to a column');
export const pad1d = absent('pad1d', ANY_RANK);
export const pad2d = absent('pad2d', ANY_RANK);
export const pad3d = absent('pad3d', ANY_RANK);
export const pad4d = absent('pad4d', ANY_RANK);
export const reverse1d = absent('reverse1d', ANY_RANK);
export const reverse2d = absent('reverse2d', ANY_RANK);
export const reverse3d = absent('reverse3d', ANY_RANK);
export const reverse4d = absent('reverse4d', ANY_RANK);
export const scatterND = absent('scatterND', BY_HAND);
export const setdiff1dAsync = absent('setdiff1dAsync', BY_HAND);
export const slice1d = absent('slice1d', ANY_RANK);
export const slice2d = absent('slice2d', ANY_RANK);
export const slice3d = absent('slice3d', ANY_RANK);
export const slice4d = absent('slice4d', ANY_RANK);
export const spaceToBatchND = absent('spaceToBatchND', 'use reshape and transpose');
export const sparseToDense = absent('sparseToDense', BY_HAND);
export const tensor5d = absent('tensor5d', 'use tf.tensor(values, shape)');
export const tensor6d = absent('tensor6d', 'use tf.tensor(values, shape)');
export const tensorScatterUpdate = absent('tensorScatterUpdate', BY_HAND);
export const unique = absent('unique', 'use [...new Set(x.dataSync())]');
export const whereAsync = absent(
  'whereAsync',
  'go through x.dataSync() and keep the indices of what is true',
);
export const TensorBuffer = absent(
  'TensorBuffer',
  'fill a typed array and give it to tf.tensor(values, shape)',
);

// Sums, products and searches.
export const bincount = absent('bincount', BY_HAND);
export const cumprod = absent('cumprod', BY_HAND);
export const denseBincount = absent('denseBincount', BY_HAND);
export const einsum = absent('einsum', 'use matMul, transpose and sum');
export const euclideanNorm = absent('euclideanNorm', 'use x.square().sum(axis).sqrt()');
export const inTopKAsync = absent(
  'inTopKAsync',
  "use tf.topk(predictions, k).indices, or the metric 'topKCategoricalAccuracy'",
);
export const lowerBound = absent('lowerBound', BY_HAND);
export const movingAverage = absent('movingAverage', 'use v.mul(decay).add(x.mul(1 - decay))');
export const norm = absent('norm', 'use x.square().sum(axis).sqrt(), or x.abs().sum(axis) or max(axis)');
export const outerProduct = absent('outerProduct', 'use a.reshape([-1, 1]).mul(b.reshape([1, -1]))');
export const searchSorted = absent('searchSorted', BY_HAND);
export const unsortedSegmentSum = absent('unsortedSegmentSum', BY_HAND);
export const upperBound = absent('upperBound', BY_HAND);

// Random numbers.
export const multinomial = absent(
  'multinomial',
  'draw from tf.randomUniform, and find the class where the summed probabilities pass it',
);
export const rand = absent(
  'rand',
  'fill a typed array and give it to tf.tensor(values, shape), or use tf.randomUniform',
);
export const randomGamma = absent('randomGamma', 'use tf.randomUniform or tf.randomNormal');
export const randomStandardNormal = absent('randomStandardNormal', 'use tf.randomNormal(shape)');
export const randomUniformInt = absent(
  'randomUniformInt',
  "use tf.randomUniform(shape, minval, maxval, 'int32', seed)",
);

// Complex, ragged.
export const complex = absent('complex', NO_COMPLEX);
export const cosineWindow = absent('cosineWindow', ON_VALUES);
export const enclosingPowerOfTwo = absent('enclosingPowerOfTwo', 'use 2 ** Math.ceil(Math.log2(n))');
export const fft = absent('fft', NO_COMPLEX);
export const ifft = absent('ifft', NO_COMPLEX);
export const imag = absent('imag', NO_COMPLEX);
export const irfft = absent('irfft', NO_COMPLEX);
export const raggedGather = absent('raggedGather', NO_RAGGED);
export const raggedRange = absent('raggedRange', NO_RAGGED);
export const raggedTensorToTensor = absent('raggedTensorToTensor', NO_RAGGED);
export const real = absent('real', NO_COMPLEX);
export const rfft = absent('rfft', NO_COMPLEX);

// Gradients.
export const customGrad = absent('customGrad', GRADIENTS);
export const grad = absent('grad', GRADIENTS);
export const grads = absent('grads', GRADIENTS);
export const valueAndGrad = absent('valueAndGrad', GRADIENTS);
export const valueAndGrads = absent('valueAndGrads', GRADIENTS);
export const variable = absent(
  'variable',
  `a tensor never changes, and a layer has its own weights; ${GRADIENTS}`,
);
export const variableGrads = absent('variableGrads', GRADIENTS);
export const Variable = absent(
  'Variable',
  `a tensor never changes, and a layer has its own weights; ${GRADIENTS}`,
);
export const AdadeltaOptimizer = absent('AdadeltaOptimizer', OPTIMIZER);
export const AdagradOptimizer = absent('AdagradOptimizer', OPTIMIZER);
export const AdamOptimizer = absent('AdamOptimizer', OPTIMIZER);
export const AdamaxOptimizer = absent('AdamaxOptimizer', OPTIMIZER);
export const MomentumOptimizer = absent('MomentumOptimizer', OPTIMIZER);
export const Optimizer = absent('Optimizer', OPTIMIZER);
export const OptimizerConstructors = absent('OptimizerConstructors', OPTIMIZER);
export const RMSPropOptimizer = absent('RMSPropOptimizer', OPTIMIZER);
export const SGDOptimizer = absent('SGDOptimizer', OPTIMIZER);

// Models.
export const CallbackList = absent('CallbackList', 'give fit a list of callbacks');
export const EarlyStopping = absent('EarlyStopping', 'use tf.callbacks.earlyStopping(options)');
export const InputSpec = absent('InputSpec', 'layers check their inputs by themselves');
export const LayerVariable = absent('LayerVariable', 'use layer.getWeights() and layer.setWeights(tensors)');
export const deregisterOp = absent('deregisterOp', GRAPH_MODEL);
export const loadGraphModelSync = absent('loadGraphModelSync', GRAPH_MODEL);
export const registerCallbackConstructor = absent(
  'registerCallbackConstructor',
  'give the callback to each fit: { callbacks }',
);
export const registerOp = absent('registerOp', GRAPH_MODEL);

// Backends.
export const DataStorage = absent('DataStorage', ONE_BACKEND);
export const Environment = absent('Environment', ONE_BACKEND);
export const GPGPUContext = absent('GPGPUContext', ONE_BACKEND);
export const KernelBackend = absent('KernelBackend', ONE_BACKEND);
export const MathBackendCPU = absent('MathBackendCPU', ONE_BACKEND);
export const MathBackendWebGL = absent('MathBackendWebGL', ONE_BACKEND);
export const backend = absent('backend', ONE_BACKEND);
export const copyRegisteredKernels = absent('copyRegisteredKernels', NO_KERNELS);
export const deprecationWarn = absent('deprecationWarn', NOTHING_TO_SET);
export const disableDeprecationWarnings = absent('disableDeprecationWarnings', NOTHING_TO_SET);
export const disposeVariables = absent('disposeVariables', NOTHING_TO_SET);
export const enableDebugMode = absent('enableDebugMode', `${NOTHING_TO_SET}; ${PROFILE}`);
export const enableProdMode = absent('enableProdMode', NOTHING_TO_SET);
export const engine = absent('engine', ONE_BACKEND);
export const env = absent('env', ONE_BACKEND);
export const findBackend = absent('findBackend', ONE_BACKEND);
export const findBackendFactory = absent('findBackendFactory', ONE_BACKEND);
export const forceHalfFloat = absent('forceHalfFloat', ONE_BACKEND);
export const getBackend = absent('getBackend', ONE_BACKEND);
export const getGradient = absent('getGradient', NO_KERNELS);
export const getKernel = absent('getKernel', NO_KERNELS);
export const getKernelsForBackend = absent('getKernelsForBackend', NO_KERNELS);
export const op = absent('op', INTERNAL);
export const profile = absent('profile', PROFILE);
export const registerBackend = absent('registerBackend', ONE_BACKEND);
export const registerGradient = absent('registerGradient', NO_KERNELS);
export const registerKernel = absent('registerKernel', NO_KERNELS);
export const removeBackend = absent('removeBackend', ONE_BACKEND);
export const setBackend = absent('setBackend', ONE_BACKEND);
export const setPlatform = absent('setPlatform', ONE_BACKEND);
export const setWebGLContext = absent('setWebGLContext', ONE_BACKEND);
export const sumOutType = absent('sumOutType', INTERNAL);
export const time = absent('time', PROFILE);
export const unregisterGradient = absent('unregisterGradient', NO_KERNELS);
export const unregisterKernel = absent('unregisterKernel', NO_KERNELS);
export const upcastType = absent('upcastType', INTERNAL);
