import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import { checkDataType, type DataType, holds, type TypedArray } from './dtype.js';
import { formatTensor } from './format.js';
import * as rearrangements from './rearrangements.js';
import type { Axes } from './reductions.js';
import * as reductions from './reductions.js';
import { countTensor, countValues, forgetTensor } from './memory-count.js';
import { checkShape, showShape, sizeOf } from './shapes.js';
import type { TensorLike } from './tensor-like.js';
import * as transforms from './transforms.js';

/** Values as nested arrays: a plain number for a scalar. `bool` gives 0 and 1. */
export type NestedArray = number | NestedArray[];

/**
 * An immutable multidimensional array, row-major, images as [n, height, width, channels]. It is an ordinary value that the
 * garbage collector frees: dispose() and tidy() are there for scripts that have them, and needed by none.
 */
export class Tensor {
  /** Sizes of the axes; [] for a scalar. */
  readonly shape: Shape;
  /** The type of the elements. */
  readonly dtype: DataType;
  /** Number of elements. */
  readonly size: number;
  /** Number of axes. */
  readonly rank: number;
  #values: TypedArray | (() => TypedArray) | undefined;

  /**
   * @param values Kept, not copied, or a function that gives them when they are first read. Shared or resizable memory is
   * copied, since it can change under a reader.
   * @throws SHAPE_MISMATCH if there are not as many values as the shape has elements.
   */
  constructor(values: TypedArray | (() => TypedArray), shape: Shape, dtype: DataType) {
    checkShape(shape, 'tensor');
    checkDataType(dtype, 'tensor');
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.rank = shape.length;
    this.#values = typeof values === 'function' ? values : this.#check(values);
    countTensor(this);
  }

  /** The values themselves, not a copy: don't write to them. Throws DISPOSED, or BUFFER_DETACHED if their memory was given away. */
  dataSync(): TypedArray {
    if (typeof this.#values === 'function') this.#values = this.#check(this.#values());
    if (this.#values === undefined) {
      throw new ConvforgeError(
        'DISPOSED',
        `tensor: this tensor of shape ${showShape(this.shape)} was disposed; use a clone(), or don't dispose it: nothing must be.`,
      );
    }
    if (this.#values.length !== this.size) {
      throw new ConvforgeError(
        'BUFFER_DETACHED',
        `tensor: the memory of this tensor of shape ${showShape(this.shape)} was transferred elsewhere; make the tensor from a copy.`,
      );
    }
    return this.#values;
  }

  /** The values themselves, as dataSync gives them; of a PendingTensor without blocking the thread. */
  async data(): Promise<TypedArray> {
    return this.dataSync();
  }

  /** The values as nested arrays, a copy; of a scalar the number. Throws as dataSync. */
  arraySync(): NestedArray {
    const values = this.dataSync();
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank ? values[next++] : Array.from({ length: this.shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  /** As arraySync; of a PendingTensor without blocking the thread. */
  async array(): Promise<NestedArray> {
    await this.data();
    return this.arraySync();
  }

  /** Gives the values up at once. Idempotent. */
  dispose(): void {
    if (this.#values !== undefined) forgetTensor(this);
    this.#values = undefined;
  }

  /** Whether dispose was called. */
  get isDisposed(): boolean {
    return this.#values === undefined;
  }

  /** Readable values; long axes show their first and last three. `verbose` adds dtype, rank and shape. */
  toString(verbose = false): string {
    return formatTensor(this, verbose);
  }

  /** toString to the console. */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }

  /** The same values under another shape; one size may be -1, for what is left. */
  reshape(shape: Shape): Tensor {
    return transforms.reshape(this, shape);
  }

  /** The same values along one axis. */
  flatten(): Tensor {
    return this.reshape([this.size]);
  }

  /** The one value without axes. Throws SHAPE_MISMATCH if there are several. */
  asScalar(): Tensor {
    return this.reshape([]);
  }

  /** The same as flatten. */
  as1D(): Tensor {
    return this.flatten();
  }

  /** The same values as [rows, columns]. */
  as2D(rows: number, columns: number): Tensor {
    return this.reshape([rows, columns]);
  }

  /** The same values as [rows, columns, depth]. */
  as3D(rows: number, columns: number, depth: number): Tensor {
    return this.reshape([rows, columns, depth]);
  }

  /** The same values as [rows, columns, depth, depth2]. */
  as4D(rows: number, columns: number, depth: number, depth2: number): Tensor {
    return this.reshape([rows, columns, depth, depth2]);
  }

  /** As another type: fractions are cut, numbers out of range go to the end of it. See {@link cast}. */
  cast(dtype: DataType): Tensor {
    return transforms.cast(this, dtype);
  }

  /** The same as cast. */
  asType(dtype: DataType): Tensor {
    return this.cast(dtype);
  }

  /** As float32: see cast. */
  toFloat(): Tensor {
    return this.cast('float32');
  }

  /** As int32: see cast. */
  toInt(): Tensor {
    return this.cast('int32');
  }

  /** As bool: see cast. */
  toBool(): Tensor {
    return this.cast('bool');
  }

  /** The same values under a handle of its own. */
  clone(): Tensor {
    return transforms.clone(this);
  }

  /** The block that starts at `begin` and has `size`: see {@link slice}. */
  slice(begin: number | readonly number[], size?: number | readonly number[]): Tensor {
    return transforms.slice(this, begin, size);
  }

  /** This tensor and then the others, along an axis: see {@link concat}. */
  concat(others: Tensor | readonly Tensor[], axis = 0): Tensor {
    return transforms.concat([this, ...(others instanceof Tensor ? [others] : others)], axis);
  }

  /** This tensor and the other side by side along a new axis: see {@link stack}. */
  stack(other: Tensor, axis = 0): Tensor {
    return transforms.stack([this, other], axis);
  }

  /** The parts along `axis` at these indices: see {@link gather}. */
  gather(indices: TensorLike, axis = 0, batchDims = 0): Tensor {
    return rearrangements.gather(this, indices, axis, batchDims);
  }

  /** With the order turned around along `axis` (default: all axes): see {@link reverse}. */
  reverse(axis?: Axes): Tensor {
    return rearrangements.reverse(this, axis);
  }

  /** Repeated as often along each axis as `repetitions` says: see {@link tile}. */
  tile(repetitions: readonly number[]): Tensor {
    return rearrangements.tile(this, repetitions);
  }

  /** With [before, after] more elements on each axis: see {@link pad}. */
  pad(paddings: readonly (readonly [number, number])[], constantValue = 0): Tensor {
    return rearrangements.pad(this, paddings, constantValue);
  }

  /** In parts along `axis`: see {@link split}. */
  split(numOrSizeSplits: number | readonly number[], axis = 0): Tensor[] {
    return rearrangements.split(this, numOrSizeSplits, axis);
  }

  /** The parts along `axis`, without that axis: see {@link unstack}. */
  unstack(axis = 0): Tensor[] {
    return rearrangements.unstack(this, axis);
  }

  /** The `k` greatest along the last axis, and where they are: see {@link topk}. */
  topk(k = 1, sorted = true): rearrangements.TopK {
    return rearrangements.topk(this, k, sorted);
  }

  /** The axes in another order, by default reversed: see {@link transpose}. */
  transpose(permutation?: readonly number[]): Tensor {
    return transforms.transpose(this, permutation);
  }

  /** With a new axis of size 1 before `axis`; -1 puts it last. */
  expandDims(axis = 0): Tensor {
    return transforms.expandDims(this, axis);
  }

  /** Without its axes of size 1, or without those given. */
  squeeze(axes?: readonly number[]): Tensor {
    return transforms.squeeze(this, axes);
  }

  /** Elementwise sum: see {@link add}. */
  add(other: TensorLike): Tensor {
    return arithmetic.add(this, other);
  }

  /** Elementwise difference: see {@link sub}. */
  sub(other: TensorLike): Tensor {
    return arithmetic.sub(this, other);
  }

  /** Elementwise product: see {@link mul}. */
  mul(other: TensorLike): Tensor {
    return arithmetic.mul(this, other);
  }

  /** Elementwise quotient, float32: see {@link div}. */
  div(other: TensorLike): Tensor {
    return arithmetic.div(this, other);
  }

  /** The greater of each pair: see {@link maximum}. */
  maximum(other: TensorLike): Tensor {
    return arithmetic.maximum(this, other);
  }

  /** The lesser of each pair: see {@link minimum}. */
  minimum(other: TensorLike): Tensor {
    return arithmetic.minimum(this, other);
  }

  /** x^exponent by element: see {@link pow}. */
  pow(exponent: TensorLike): Tensor {
    return arithmetic.pow(this, exponent);
  }

  /** The square of the difference by element: see {@link squaredDifference}. */
  squaredDifference(other: TensorLike): Tensor {
    return arithmetic.squaredDifference(this, other);
  }

  /** Each number held within the two: see {@link clipByValue}. */
  clipByValue(clipValueMin: number, clipValueMax: number): Tensor {
    return arithmetic.clipByValue(this, clipValueMin, clipValueMax);
  }

  /** The next whole number at or below. */
  floor(): Tensor {
    return arithmetic.floor(this);
  }

  /** The next whole number at or above. */
  ceil(): Tensor {
    return arithmetic.ceil(this);
  }

  /** To the nearest whole number; of two, the even one. */
  round(): Tensor {
    return arithmetic.round(this);
  }

  /** -1, 0 or 1; NaN stays. */
  sign(): Tensor {
    return arithmetic.sign(this);
  }

  /** -x by element. */
  neg(): Tensor {
    return arithmetic.neg(this);
  }

  /** |x| by element. */
  abs(): Tensor {
    return arithmetic.abs(this);
  }

  /** x^2 by element. */
  square(): Tensor {
    return arithmetic.square(this);
  }

  /** The square root by element, float32. */
  sqrt(): Tensor {
    return arithmetic.sqrt(this);
  }

  /** e^x by element, float32. */
  exp(): Tensor {
    return arithmetic.exp(this);
  }

  /** The natural logarithm by element, float32. */
  log(): Tensor {
    return arithmetic.log(this);
  }

  /** bool: where elements are equal. See {@link equal}. */
  equal(other: TensorLike): Tensor {
    return comparison.equal(this, other);
  }

  /** bool: where elements differ. See {@link notEqual}. */
  notEqual(other: TensorLike): Tensor {
    return comparison.notEqual(this, other);
  }

  /** bool: where this is greater. See {@link greater}. */
  greater(other: TensorLike): Tensor {
    return comparison.greater(this, other);
  }

  /** bool: where this is greater or equal. See {@link greaterEqual}. */
  greaterEqual(other: TensorLike): Tensor {
    return comparison.greaterEqual(this, other);
  }

  /** bool: where this is less. See {@link less}. */
  less(other: TensorLike): Tensor {
    return comparison.less(this, other);
  }

  /** bool: where this is less or equal. See {@link lessEqual}. */
  lessEqual(other: TensorLike): Tensor {
    return comparison.lessEqual(this, other);
  }

  /** bool: where neither is 0. See {@link logicalAnd}. */
  logicalAnd(other: TensorLike): Tensor {
    return comparison.logicalAnd(this, other);
  }

  /** bool: where one of them or both aren't 0. See {@link logicalOr}. */
  logicalOr(other: TensorLike): Tensor {
    return comparison.logicalOr(this, other);
  }

  /** bool: where it is 0. */
  logicalNot(): Tensor {
    return comparison.logicalNot(this);
  }

  /** Over `axis` (default: all). See {@link sum}. */
  sum(axis?: Axes, keepDims = false): Tensor {
    return reductions.sum(this, axis, keepDims);
  }

  /** Over `axis` (default: all), float32. See {@link mean}. */
  mean(axis?: Axes, keepDims = false): Tensor {
    return reductions.mean(this, axis, keepDims);
  }

  /** The greatest over `axis` (default: all). See {@link max}. */
  max(axis?: Axes, keepDims = false): Tensor {
    return reductions.max(this, axis, keepDims);
  }

  /** The least over `axis` (default: all). See {@link min}. */
  min(axis?: Axes, keepDims = false): Tensor {
    return reductions.min(this, axis, keepDims);
  }

  /** The product over `axis` (default: all). See {@link prod}. */
  prod(axis?: Axes, keepDims = false): Tensor {
    return reductions.prod(this, axis, keepDims);
  }

  /** bool: whether any number over `axis` (default: all) isn't 0. See {@link any}. */
  any(axis?: Axes, keepDims = false): Tensor {
    return reductions.any(this, axis, keepDims);
  }

  /** bool: whether no number over `axis` (default: all) is 0. See {@link all}. */
  all(axis?: Axes, keepDims = false): Tensor {
    return reductions.all(this, axis, keepDims);
  }

  /** int32: where along `axis` the greatest element is. See {@link argMax}. */
  argMax(axis = 0): Tensor {
    return reductions.argMax(this, axis);
  }

  /** int32: where along `axis` the least element is. See {@link argMin}. */
  argMin(axis = 0): Tensor {
    return reductions.argMin(this, axis);
  }

  #check(values: TypedArray): TypedArray {
    if (!holds(values, this.dtype)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `tensor: ${this.dtype} values come in a typed array of that kind; use tensor(values, shape, '${this.dtype}') to convert.`,
      );
    }
    if (values.length !== this.size) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `tensor: ${values.length} values don't fill the shape ${showShape(this.shape)}, which has ${this.size} elements.`,
      );
    }
    const buffer = values.buffer as ArrayBufferLike & { resizable?: boolean };
    const isMovable = buffer instanceof SharedArrayBuffer || buffer.resizable === true;
    const kept: TypedArray = isMovable ? Uint8Array.prototype.slice.call(values) : values;
    countValues(kept);
    return kept;
  }
}
