import './methods.js';
import type { Tensor } from './tensor.js';

export {
  abs,
  add,
  ceil,
  clipByValue,
  cos,
  div,
  exp,
  expm1,
  floor,
  floorDiv,
  log,
  log1p,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  pow,
  reciprocal,
  round,
  rsqrt,
  sign,
  sin,
  sqrt,
  square,
  squaredDifference,
  sub,
} from './arithmetic.js';
export {
  equal,
  greater,
  greaterEqual,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
} from './comparison.js';
export {
  eye,
  fill,
  linspace,
  oneHot,
  ones,
  onesLike,
  range,
  scalar,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  zeros,
  zerosLike,
} from './creation.js';
export { broadcastTo, cumsum, mirrorPad, stridedSlice } from './cuts.js';
export type { DataType, TypedArray } from './dtype.js';
export type { GraphTypes, GraphValue } from './graph.js';
export { dispose, keep, memory, type MemoryInfo, tidy } from './memory.js';
export { PendingTensor } from './pending-tensor.js';
export { print } from './print.js';
export { randomNormal, randomUniform, truncatedNormal } from './random-values.js';
export { gather, pad, reverse, split, type TopK, tile, topk, unstack, where } from './rearrangements.js';
export {
  type Axes,
  type Moments,
  all,
  any,
  argMax,
  argMin,
  logSumExp,
  max,
  mean,
  min,
  moments,
  prod,
  sum,
} from './reductions.js';
export { type NestedArray, Tensor } from './tensor.js';
export {
  type NestedNumbers,
  type Operand,
  type OtherTypedArray,
  type TensorLike,
  toTensor,
} from './tensor-like.js';
export { cast, clone, concat, expandDims, reshape, slice, squeeze, stack, transpose } from './transforms.js';
export type { Shape } from './shapes.js';

/** TF.js's name of a scalar: an alias, since ranks are checked at run time. */
export type Scalar = Tensor;
/** TF.js's name of a tensor of one axis: an alias. */
export type Tensor1D = Tensor;
/** TF.js's name of a tensor of two axes: an alias. */
export type Tensor2D = Tensor;
/** TF.js's name of a tensor of three axes: an alias. */
export type Tensor3D = Tensor;
/** TF.js's name of a tensor of four axes: an alias. */
export type Tensor4D = Tensor;
