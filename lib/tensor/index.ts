export { abs, add, div, exp, log, maximum, minimum, mul, neg, sqrt, square, sub } from './arithmetic.js';
export { equal } from './comparison.js';
export {
  fill,
  linspace,
  oneHot,
  ones,
  range,
  scalar,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  zeros,
} from './creation.js';
export type { DataType, TypedArray } from './dtype.js';
export { dispose, keep, tidy } from './memory.js';
export { PendingTensor } from './pending-tensor.js';
export { print } from './print.js';
export { type Axes, argMax, argMin, max, mean, min, sum } from './reductions.js';
export { type NestedArray, Tensor } from './tensor.js';
export { type NestedNumbers, type OtherTypedArray, type TensorLike, toTensor } from './tensor-like.js';
export { cast, clone, concat, expandDims, reshape, slice, squeeze, stack, transpose } from './transforms.js';
export type { Shape } from '../program/description.js';
