import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import * as creation from './creation.js';
import * as cuts from './cuts.js';
import type { DataType } from './dtype.js';
import * as rearrangements from './rearrangements.js';
import type { TopK } from './rearrangements.js';
import * as reductions from './reductions.js';
import type { Axes } from './reductions.js';
import type { Shape } from './shapes.js';
import { Tensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';
import * as transforms from './transforms.js';

/*
 * Tensor methods that make other tensors: functions whose first argument is the tensor. They are added here,
 * since these functions import the class Tensor themselves.
 */

declare module './tensor.js' {
  interface Tensor {
    /** The same values with another shape. One size may be -1, and follows from the others. */
    reshape(shape: Shape): Tensor;
    /** The same values with the shape of another tensor. */
    reshapeAs(other: Tensor): Tensor;
    /** The same values along one axis. */
    flatten(): Tensor;
    /** The single value as a scalar. Throws SHAPE_MISMATCH if there are several. */
    asScalar(): Tensor;
    /** Equals flatten. */
    as1D(): Tensor;
    /** The same values as [rows, columns]. */
    as2D(rows: number, columns: number): Tensor;
    /** The same values as [rows, columns, depth]. */
    as3D(rows: number, columns: number, depth: number): Tensor;
    /** The same values as [rows, columns, depth, depth2]. */
    as4D(rows: number, columns: number, depth: number, depth2: number): Tensor;
    /**
     * Converts to another dtype: fractions are truncated, and numbers out of range are clipped. See {@link
     * cast}.
     */
    cast(dtype: DataType): Tensor;
    /** Equals cast. */
    asType(dtype: DataType): Tensor;
    /** Converts to float32: see cast. */
    toFloat(): Tensor;
    /** Converts to int32: see cast. */
    toInt(): Tensor;
    /** Converts to bool: see cast. */
    toBool(): Tensor;
    /** A new tensor with the same values. */
    clone(): Tensor;
    /** The block of shape `size` that starts at `begin`: see {@link slice}. */
    slice(begin: number | readonly number[], size?: number | readonly number[]): Tensor;
    /** Concatenates this tensor and others along an axis: see {@link concat}. */
    concat(others: Tensor | readonly Tensor[], axis?: number): Tensor;
    /** Stacks this tensor and others along a new axis: see {@link stack}. */
    stack(others: Tensor | readonly Tensor[], axis?: number): Tensor;
    /** The slices along `axis` at these indices: see {@link gather}. */
    gather(indices: TensorLike, axis?: number, batchDims?: number): Tensor;
    /** Reverses the order along `axis` (default: all axes): see {@link reverse}. */
    reverse(axis?: Axes): Tensor;
    /** Repeats each axis `repetitions` times: see {@link tile}. */
    tile(repetitions: readonly number[]): Tensor;
    /** Pads each axis by [before, after]: see {@link pad}. */
    pad(paddings: readonly (readonly [number, number])[], constantValue?: number): Tensor;
    /** Splits along `axis`: see {@link split}. */
    split(numOrSizeSplits: number | readonly number[], axis?: number): Tensor[];
    /** The slices along `axis`, without that axis: see {@link unstack}. */
    unstack(axis?: number): Tensor[];
    /** The `k` largest values along the last axis, and their indices: see {@link topk}. */
    topk(k?: number, sorted?: boolean): TopK;
    /** These values where `condition` isn't 0, elsewhere those of `x`: see {@link where}. */
    where(condition: TensorLike, x: TensorLike): Tensor;
    /** One-hot encodes class indices: see {@link oneHot}. */
    oneHot(depth: number, onValue?: number, offValue?: number): Tensor;
    /** Ones with the same shape and dtype. */
    onesLike(): Tensor;
    /** Zeros with the same shape and dtype. */
    zerosLike(): Tensor;
    /** Permutes the axes, by default in reverse order: see {@link transpose}. */
    transpose(permutation?: readonly number[]): Tensor;
    /** Inserts an axis of size 1 before `axis`. -1 appends it. */
    expandDims(axis?: number): Tensor;
    /** Removes axes of size 1: all, or those given. */
    squeeze(axes?: readonly number[]): Tensor;
    /** The sum over `axis` (default: all). See {@link sum}. */
    sum(axis?: Axes, keepDims?: boolean): Tensor;
    /** The mean over `axis` (default: all), float32. See {@link mean}. */
    mean(axis?: Axes, keepDims?: boolean): Tensor;
    /** The maximum over `axis` (default: all). See {@link max}. */
    max(axis?: Axes, keepDims?: boolean): Tensor;
    /** The minimum over `axis` (default: all). See {@link min}. */
    min(axis?: Axes, keepDims?: boolean): Tensor;
    /** The product over `axis` (default: all). See {@link prod}. */
    prod(axis?: Axes, keepDims?: boolean): Tensor;
    /** Whether any value over `axis` (default: all) is non-zero, as bool. See {@link any}. */
    any(axis?: Axes, keepDims?: boolean): Tensor;
    /** Whether all values over `axis` (default: all) are non-zero, as bool. See {@link all}. */
    all(axis?: Axes, keepDims?: boolean): Tensor;
    /** log(sum(e^x)) over `axis` (default: all), float32. See {@link logSumExp}. */
    logSumExp(axis?: Axes, keepDims?: boolean): Tensor;
    /** The index of the maximum along `axis`, int32. See {@link argMax}. */
    argMax(axis?: number): Tensor;
    /** The index of the minimum along `axis`, int32. See {@link argMin}. */
    argMin(axis?: number): Tensor;
    /** The elementwise sum: see {@link add}. */
    add(other: TensorLike): Tensor;
    /** The elementwise difference: see {@link sub}. */
    sub(other: TensorLike): Tensor;
    /** The elementwise product: see {@link mul}. */
    mul(other: TensorLike): Tensor;
    /** The elementwise quotient, float32: see {@link div}. */
    div(other: TensorLike): Tensor;
    /** The elementwise maximum: see {@link maximum}. */
    maximum(other: TensorLike): Tensor;
    /** The elementwise minimum: see {@link minimum}. */
    minimum(other: TensorLike): Tensor;
    /** The elementwise power, x^exponent: see {@link pow}. */
    pow(exponent: TensorLike): Tensor;
    /** The elementwise squared difference: see {@link squaredDifference}. */
    squaredDifference(other: TensorLike): Tensor;
    /** Clips each element to [clipValueMin, clipValueMax]: see {@link clipByValue}. */
    clipByValue(clipValueMin: number, clipValueMax: number): Tensor;
    /** Rounds each element down. */
    floor(): Tensor;
    /** Rounds each element up. */
    ceil(): Tensor;
    /** Rounds each element to the nearest whole number, halves to the even one. */
    round(): Tensor;
    /** The sign of each element: -1, 0 or 1. NaN stays. */
    sign(): Tensor;
    /** The elementwise negation, -x. */
    neg(): Tensor;
    /** The elementwise absolute value, |x|. */
    abs(): Tensor;
    /** The elementwise square, x^2. */
    square(): Tensor;
    /** The elementwise square root, float32. */
    sqrt(): Tensor;
    /** The elementwise exponential, e^x, float32. */
    exp(): Tensor;
    /** The elementwise natural logarithm, float32. */
    log(): Tensor;
    /** Whether elements are equal, as bool. See {@link equal}. */
    equal(other: TensorLike): Tensor;
    /** Whether elements differ, as bool. See {@link notEqual}. */
    notEqual(other: TensorLike): Tensor;
    /** Whether this > other, as bool. See {@link greater}. */
    greater(other: TensorLike): Tensor;
    /** Whether this >= other, as bool. See {@link greaterEqual}. */
    greaterEqual(other: TensorLike): Tensor;
    /** Whether this < other, as bool. See {@link less}. */
    less(other: TensorLike): Tensor;
    /** Whether this <= other, as bool. See {@link lessEqual}. */
    lessEqual(other: TensorLike): Tensor;
    /** Whether both elements are non-zero, as bool. See {@link logicalAnd}. */
    logicalAnd(other: TensorLike): Tensor;
    /** Whether at least one element is non-zero, as bool. See {@link logicalOr}. */
    logicalOr(other: TensorLike): Tensor;
    /** Whether elements are 0, as bool. */
    logicalNot(): Tensor;
    /** The elementwise sine of an angle in radians. */
    sin(): Tensor;
    /** The elementwise cosine of an angle in radians. */
    cos(): Tensor;
    /** The elementwise log(1 + x), accurate for small x. */
    log1p(): Tensor;
    /** The elementwise reciprocal, 1 / x, float32. */
    reciprocal(): Tensor;
    /** Whether elements are NaN, as bool. */
    isNaN(): Tensor;
    /** The elementwise e^x - 1, accurate for small x. */
    expm1(): Tensor;
    /** The elementwise 1 / sqrt(x), float32. */
    rsqrt(): Tensor;
    /** The elementwise remainder with the sign of `other`: see {@link mod}. */
    mod(other: TensorLike): Tensor;
    /** The elementwise quotient, rounded down: see {@link floorDiv}. */
    floorDiv(other: TensorLike): Tensor;
    /** Whether exactly one element is non-zero, as bool. See {@link logicalXor}. */
    logicalXor(other: TensorLike): Tensor;
    /** The sums along `axis` up to each element: see {@link cumsum}. */
    cumsum(axis?: number, exclusive?: boolean, reverse?: boolean): Tensor;
    /** Elements at equal distances along the first axes: see {@link stridedSlice}. */
    stridedSlice(
      begin: readonly number[],
      end: readonly number[],
      strides?: readonly number[] | null,
      beginMask?: number,
      endMask?: number,
      ellipsisMask?: number,
      newAxisMask?: number,
      shrinkAxisMask?: number,
    ): Tensor;
    /** Pads each axis by its mirror image: see {@link mirrorPad}. */
    mirrorPad(paddings: readonly (readonly [number, number])[], mode: 'reflect' | 'symmetric'): Tensor;
    /** Repeats the values to a shape: see {@link broadcastTo}. */
    broadcastTo(shape: Shape): Tensor;
  }
}

/** Makes functions methods of tensors. The tensor is the first argument. Callers declare the types. */
export function addMethods(
  functions: Readonly<Record<string, (x: Tensor, ...others: never[]) => unknown>>,
): void {
  for (const [name, compute] of Object.entries(functions)) {
    const value = function (this: Tensor, ...others: never[]): unknown {
      return compute(this, ...others);
    };
    Object.defineProperty(value, 'name', { value: name });
    Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
  }
}

addMethods({
  reshape: transforms.reshape,
  reshapeAs: (x: Tensor, other: Tensor) => x.reshape(other.shape),
  flatten: (x: Tensor) => x.reshape([x.size]),
  asScalar: (x: Tensor) => x.reshape([]),
  as1D: (x: Tensor) => x.flatten(),
  as2D: (x: Tensor, rows: number, columns: number) => x.reshape([rows, columns]),
  as3D: (x: Tensor, rows: number, columns: number, depth: number) => x.reshape([rows, columns, depth]),
  as4D: (x: Tensor, rows: number, columns: number, depth: number, depth2: number) =>
    x.reshape([rows, columns, depth, depth2]),
  cast: transforms.cast,
  asType: (x: Tensor, dtype: DataType) => x.cast(dtype),
  toFloat: (x: Tensor) => x.cast('float32'),
  toInt: (x: Tensor) => x.cast('int32'),
  toBool: (x: Tensor) => x.cast('bool'),
  clone: transforms.clone,
  slice: transforms.slice,
  concat: (x: Tensor, others: Tensor | readonly Tensor[], axis?: number) =>
    transforms.concat([x, ...[others].flat()], axis),
  stack: (x: Tensor, others: Tensor | readonly Tensor[], axis?: number) =>
    transforms.stack([x, ...[others].flat()], axis),
  gather: rearrangements.gather,
  reverse: rearrangements.reverse,
  tile: rearrangements.tile,
  pad: rearrangements.pad,
  split: rearrangements.split,
  unstack: rearrangements.unstack,
  topk: rearrangements.topk,
  where: (x: Tensor, condition: TensorLike, other: TensorLike) => rearrangements.where(condition, x, other),
  oneHot: (x: Tensor, depth: number, onValue = 1, offValue = 0) =>
    creation.oneHot(x, depth, onValue, offValue),
  onesLike: creation.onesLike,
  zerosLike: creation.zerosLike,
  transpose: (x: Tensor, permutation?: readonly number[]) => transforms.transpose(x, permutation),
  expandDims: transforms.expandDims,
  squeeze: transforms.squeeze,
  sum: reductions.sum,
  mean: reductions.mean,
  max: reductions.max,
  min: reductions.min,
  prod: reductions.prod,
  any: reductions.any,
  all: reductions.all,
  logSumExp: reductions.logSumExp,
  argMax: reductions.argMax,
  argMin: reductions.argMin,
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  pow: arithmetic.pow,
  squaredDifference: arithmetic.squaredDifference,
  clipByValue: arithmetic.clipByValue,
  floor: arithmetic.floor,
  ceil: arithmetic.ceil,
  round: arithmetic.round,
  sign: arithmetic.sign,
  neg: arithmetic.neg,
  abs: arithmetic.abs,
  square: arithmetic.square,
  sqrt: arithmetic.sqrt,
  exp: arithmetic.exp,
  log: arithmetic.log,
  sin: arithmetic.sin,
  cos: arithmetic.cos,
  log1p: arithmetic.log1p,
  reciprocal: arithmetic.reciprocal,
  equal: comparison.equal,
  notEqual: comparison.notEqual,
  greater: comparison.greater,
  greaterEqual: comparison.greaterEqual,
  less: comparison.less,
  lessEqual: comparison.lessEqual,
  logicalAnd: comparison.logicalAnd,
  logicalOr: comparison.logicalOr,
  logicalNot: comparison.logicalNot,
  isNaN: comparison.isNaN,
  expm1: arithmetic.expm1,
  rsqrt: arithmetic.rsqrt,
  mod: arithmetic.mod,
  floorDiv: arithmetic.floorDiv,
  logicalXor: comparison.logicalXor,
  cumsum: cuts.cumsum,
  stridedSlice: cuts.stridedSlice,
  mirrorPad: cuts.mirrorPad,
  broadcastTo: cuts.broadcastTo,
});
