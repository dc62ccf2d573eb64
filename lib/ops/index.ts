import './graph-methods.js';
import './tensor-methods.js';

export {
  elu,
  erf,
  leakyRelu,
  logSoftmax,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from './activations.js';
export { depthToSpace, localResponseNormalization } from './channels.js';
export { conv2d } from './conv2d.js';
export { dot, matMul } from './matmul.js';
export type { DimRoundingMode, Pad, Pair } from './pad.js';
export { avgPool, maxPool, sumPool } from './pool2d.js';
