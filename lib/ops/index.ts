import './graph-methods.js';
import './tensor-methods.js';

export { logSoftmax, relu, sigmoid, softmax, tanh } from './activations.js';
export { conv2d } from './conv2d.js';
export { dot, matMul } from './matmul.js';
export type { DimRoundingMode, Pad, Pair } from './pad.js';
export { avgPool, maxPool, sumPool } from './pool2d.js';
