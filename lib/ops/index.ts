export { relu, sigmoid, softmax, tanh } from './activations.js';
export { conv2d } from './conv2d.js';
export type { Pad, Pair } from './pad.js';
export { avgPool, maxPool, sumPool } from './pool2d.js';
