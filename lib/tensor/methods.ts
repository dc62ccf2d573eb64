import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import * as creation from './creation.js';
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
 * The methods of tensors that compute others: functions whose first argument is the tensor. They are added here, since those functions
 * make tensors themselves.
 */

declare module './tensor.js' {
  interface Tensor {
    /** The same values under another shape; one size may be -1, for what is left. */
    reshape(shape: Shape): Tensor;
    /** The same values under the shape of another tensor. */
    reshapeAs(other: Tensor): Tensor;
    /** The same values along one axis. */
    flatten(): Tensor;
    /** The one value without axes. Throws SHAPE_MISMATCH if there are several. */
    asScalar(): Tensor;
    /** The same as flatten. */
    as1D(): Tensor;
    /** The same values as [rows, columns]. */
    as2D(rows: number, columns: number): Tensor;
    /** The same values as [rows, columns, depth]. */
    as3D(rows: number, columns: number, depth: number): Tensor;
    /** The same values as [rows, columns, depth, depth2]. */
    as4D(rows: number, columns: number, depth: number, depth2: number): Tensor;
    /** As another type: fractions are cut, numbers out of range go to the end of it. See {@link cast}. */
    cast(dtype: DataType): Tensor;
    /** The same as cast. */
    asType(dtype: DataType): Tensor;
    /** As float32: see cast. */
    toFloat(): Tensor;
    /** As int32: see cast. */
    toInt(): Tensor;
    /** As bool: see cast. */
    toBool(): Tensor;
    /** The same values under a handle of its own. */
    clone(): Tensor;
    /** The block that starts at `begin` and has `size`: see {@link slice}. */
    slice(begin: number | readonly number[], size?: number | readonly number[]): Tensor;
    /** This tensor and then the others, along an axis: see {@link concat}. */
    concat(others: Tensor | readonly Tensor[], axis?: number): Tensor;
    /** This tensor and the others side by side along a new axis: see {@link stack}. */
    stack(others: Tensor | readonly Tensor[], axis?: number): Tensor;
    /** The parts along `axis` at these indices: see {@link gather}. */
    gather(indices: TensorLike, axis?: number, batchDims?: number): Tensor;
    /** With the order turned around along `axis` (default: all axes): see {@link reverse}. */
    reverse(axis?: Axes): Tensor;
    /** Repeated as often along each axis as `repetitions` says: see {@link tile}. */
    tile(repetitions: readonly number[]): Tensor;
    /** With [before, after] more elements on each axis: see {@link pad}. */
    pad(paddings: readonly (readonly [number, number])[], constantValue?: number): Tensor;
    /** In parts along `axis`: see {@link split}. */
    split(numOrSizeSplits: number | readonly number[], axis?: number): Tensor[];
    /** The parts along `axis`, without that axis: see {@link unstack}. */
    unstack(axis?: number): Tensor[];
    /** The `k` greatest along the last axis, and where they are: see {@link topk}. */
    topk(k?: number, sorted?: boolean): TopK;
    /** These values where `condition` isn't 0, else those of `x`: see {@link where}. */
    where(condition: TensorLike, x: TensorLike): Tensor;
    /** Classes as vectors of `depth`: see {@link oneHot}. */
    oneHot(depth: number, onValue?: number, offValue?: number): Tensor;
    /** 1 in every element, of the same shape and dtype. */
    onesLike(): Tensor;
    /** 0 in every element, of the same shape and dtype. */
    zerosLike(): Tensor;
    /** The axes in another order, by default reversed: see {@link transpose}. */
    transpose(permutation?: readonly number[]): Tensor;
    /** With a new axis of size 1 before `axis`; -1 puts it last. */
    expandDims(axis?: number): Tensor;
    /** Without its axes of size 1, or without those given. */
    squeeze(axes?: readonly number[]): Tensor;
    /** Over `axis` (default: all). See {@link sum}. */
    sum(axis?: Axes, keepDims?: boolean): Tensor;
    /** Over `axis` (default: all), float32. See {@link mean}. */
    mean(axis?: Axes, keepDims?: boolean): Tensor;
    /** The greatest over `axis` (default: all). See {@link max}. */
    max(axis?: Axes, keepDims?: boolean): Tensor;
    /** The least over `axis` (default: all). See {@link min}. */
    min(axis?: Axes, keepDims?: boolean): Tensor;
    /** The product over `axis` (default: all). See {@link prod}. */
    prod(axis?: Axes, keepDims?: boolean): Tensor;
    /** bool: whether any number over `axis` (default: all) isn't 0. See {@link any}. */
    any(axis?: Axes, keepDims?: boolean): Tensor;
    /** bool: whether no number over `axis` (default: all) is 0. See {@link all}. */
    all(axis?: Axes, keepDims?: boolean): Tensor;
    /** log(sum(e^x)) over `axis` (default: all), float32. See {@link logSumExp}. */
    logSumExp(axis?: Axes, keepDims?: boolean): Tensor;
    /** int32: where along `axis` the greatest element is. See {@link argMax}. */
    argMax(axis?: number): Tensor;
    /** int32: where along `axis` the least element is. See {@link argMin}. */
    argMin(axis?: number): Tensor;
    /** Elementwise sum: see {@link add}. */
    add(other: TensorLike): Tensor;
    /** Elementwise difference: see {@link sub}. */
    sub(other: TensorLike): Tensor;
    /** Elementwise product: see {@link mul}. */
    mul(other: TensorLike): Tensor;
    /** Elementwise quotient, float32: see {@link div}. */
    div(other: TensorLike): Tensor;
    /** The greater of each pair: see {@link maximum}. */
    maximum(other: TensorLike): Tensor;
    /** The lesser of each pair: see {@link minimum}. */
    minimum(other: TensorLike): Tensor;
    /** x^exponent by element: see {@link pow}. */
    pow(exponent: TensorLike): Tensor;
    /** The square of the difference by element: see {@link squaredDifference}. */
    squaredDifference(other: TensorLike): Tensor;
    /** Each number held within the two: see {@link clipByValue}. */
    clipByValue(clipValueMin: number, clipValueMax: number): Tensor;
    /** The next whole number at or below. */
    floor(): Tensor;
    /** The next whole number at or above. */
    ceil(): Tensor;
    /** To the nearest whole number; of two, the even one. */
    round(): Tensor;
    /** -1, 0 or 1; NaN stays. */
    sign(): Tensor;
    /** -x by element. */
    neg(): Tensor;
    /** |x| by element. */
    abs(): Tensor;
    /** x^2 by element. */
    square(): Tensor;
    /** The square root by element, float32. */
    sqrt(): Tensor;
    /** e^x by element, float32. */
    exp(): Tensor;
    /** The natural logarithm by element, float32. */
    log(): Tensor;
    /** bool: where elements are equal. See {@link equal}. */
    equal(other: TensorLike): Tensor;
    /** bool: where elements differ. See {@link notEqual}. */
    notEqual(other: TensorLike): Tensor;
    /** bool: where this is greater. See {@link greater}. */
    greater(other: TensorLike): Tensor;
    /** bool: where this is greater or equal. See {@link greaterEqual}. */
    greaterEqual(other: TensorLike): Tensor;
    /** bool: where this is less. See {@link less}. */
    less(other: TensorLike): Tensor;
    /** bool: where this is less or equal. See {@link lessEqual}. */
    lessEqual(other: TensorLike): Tensor;
    /** bool: where neither is 0. See {@link logicalAnd}. */
    logicalAnd(other: TensorLike): Tensor;
    /** bool: where one of them or both aren't 0. See {@link logicalOr}. */
    logicalOr(other: TensorLike): Tensor;
    /** bool: where it is 0. */
    logicalNot(): Tensor;
    /** The sine of an angle in radians, by element. */
    sin(): Tensor;
    /** The cosine of an angle in radians, by element. */
    cos(): Tensor;
    /** log(1 + x) by element, exact also where x is small. */
    log1p(): Tensor;
    /** 1 / x by element, float32. */
    reciprocal(): Tensor;
    /** bool: where it is NaN. */
    isNaN(): Tensor;
  }
}

/** Makes functions methods of tensors: the tensor is their first argument. Types are declared beside each call. */
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
    transforms.concat([x, ...(others instanceof Tensor ? [others] : others)], axis),
  stack: (x: Tensor, others: Tensor | readonly Tensor[], axis?: number) =>
    transforms.stack([x, ...(others instanceof Tensor ? [others] : others)], axis),
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
});
