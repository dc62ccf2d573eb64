import { LayersModel } from '../models/index.js';
import { Optimizer } from '../optimizers/base-optimizer.js';
import { Tensor } from '../tensor/index.js';
import { absent } from './absent.js';
import { GRADIENTS } from './instead.js';
import * as functions from './functions.js';

/* TF.js's methods that convforge lacks. They are on the prototypes only, so types don't show them. */

/** Methods that are also functions of `tf`. */
const SHARED = [
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'batchToSpaceND',
  'batchNorm',
  'buffer',
  'conv1d',
  'conv2dTranspose',
  'cosh',
  'cumprod',
  'depthwiseConv2d',
  'dilation2d',
  'divNoNan',
  'euclideanNorm',
  'fft',
  'ifft',
  'irfft',
  'isFinite',
  'isInf',
  'logSigmoid',
  'norm',
  'pool',
  'rfft',
  'separableConv2d',
  'sinh',
  'spaceToBatchND',
  'step',
  'tan',
  'unique',
  'unsortedSegmentSum',
  'variable',
] as const satisfies readonly (keyof typeof functions)[];

const { ...byName } = functions;

const OF_TENSORS = {
  ...Object.fromEntries(SHARED.map((name) => [name, byName[name]])),
  as5D: absent('Tensor.prototype.as5D', 'use x.reshape([...])'),
  bufferSync: absent('Tensor.prototype.bufferSync', 'use x.dataSync(), or x.arraySync()'),
  bytes: absent(
    'Tensor.prototype.bytes',
    'use new Uint8Array(values.buffer, values.byteOffset, values.byteLength) of values = await x.data()',
  ),
  dataToGPU: absent('Tensor.prototype.dataToGPU', 'there is no GPU: use await x.data()'),
  throwIfDisposed: absent(
    'Tensor.prototype.throwIfDisposed',
    'what reads a tensor throws if it was disposed; see x.isDisposed',
  ),
};

const OF_OPTIMIZERS = {
  applyGradients: absent('train.Optimizer.applyGradients', 'use model.applyGradients(gradients)'),
  computeGradients: absent('train.Optimizer.computeGradients', GRADIENTS),
  minimize: absent('train.Optimizer.minimize', GRADIENTS),
};

const OF_MODELS = {
  execute: absent(
    'LayersModel.execute',
    'make a model of the outputs, tf.model({ inputs, outputs }), and predict',
  ),
};

for (const [{ prototype }, methods] of [
  [Tensor, OF_TENSORS],
  [Optimizer, OF_OPTIMIZERS],
  [LayersModel, OF_MODELS],
] as const) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
