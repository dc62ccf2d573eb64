import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { checkShape, type Shape, showShape, sizeOf } from './shapes.js';
import * as creation from './creation.js';
import { checkDataType, type DataType, holds, type TypedArray } from './dtype.js';
import { formatTensor } from './format.js';
import { inspectTensor } from './inspect-tensor.js';
import * as rearrangements from './rearrangements.js';
import type { Axes } from './reductions.js';
import * as reductions from './reductions.js';
import { countTensor, countValues, forgetTensor } from './memory-count.js';
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

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, (tensor, look) => inspectTensor(tensor, this.#values, look));
  }

  /** toString to the console. */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }

  /** The same values under another shape; one size may be -1, for what is left. */
  reshape(shape: Shape): Tensor {
    return transforms.reshape(this, shape);
  }

  /** The same values under the shape of another tensor. */
  reshapeAs(other: Tensor): Tensor {
    return this.reshape(other.shape);
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

  /** This tensor and the others side by side along a new axis: see {@link stack}. */
  stack(others: Tensor | readonly Tensor[], axis = 0): Tensor {
    return transforms.stack([this, ...(others instanceof Tensor ? [others] : others)], axis);
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

  /** These values where `condition` isn't 0, else those of `x`: see {@link where}. */
  where(condition: TensorLike, x: TensorLike): Tensor {
    return rearrangements.where(condition, this, x);
  }

  /** Classes as vectors of `depth`: see {@link oneHot}. */
  oneHot(depth: number, onValue = 1, offValue = 0): Tensor {
    return creation.oneHot(this, depth, onValue, offValue);
  }

  /** 1 in every element, of the same shape and dtype. */
  onesLike(): Tensor {
    return creation.onesLike(this);
  }

  /** 0 in every element, of the same shape and dtype. */
  zerosLike(): Tensor {
    return creation.zerosLike(this);
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

  /** log(sum(e^x)) over `axis` (default: all), float32. See {@link logSumExp}. */
  logSumExp(axis?: Axes, keepDims = false): Tensor {
    return reductions.logSumExp(this, axis, keepDims);
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
