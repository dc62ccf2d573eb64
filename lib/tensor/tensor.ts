import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import { checkDataType, type DataType, holds, type TypedArray } from './dtype.js';
import { formatTensor } from './format.js';
import * as reductions from './reductions.js';
import { checkShape, showShape, sizeOf } from './shapes.js';
import type { TensorLike } from './tensor-like.js';
import * as transforms from './transforms.js';

/** Values as nested arrays: a plain number for a scalar. `bool` gives 0 and 1. */
export type NestedArray = number | NestedArray[];

type Axes = number | readonly number[];

/**
 * An immutable multidimensional array, row-major, images as [n, height, width, channels]. It is an ordinary value that the
 * garbage collector frees: dispose() and tidy() are there for scripts that have them, and needed by none.
 */
export class Tensor {
  readonly shape: Shape;
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

  async data(): Promise<TypedArray> {
    return this.dataSync();
  }

  arraySync(): NestedArray {
    const values = this.dataSync();
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank ? values[next++] : Array.from({ length: this.shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  async array(): Promise<NestedArray> {
    await this.data();
    return this.arraySync();
  }

  /** Gives the values up at once. Idempotent. */
  dispose(): void {
    this.#values = undefined;
  }

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

  flatten(): Tensor {
    return this.reshape([this.size]);
  }

  asScalar(): Tensor {
    return this.reshape([]);
  }

  as1D(): Tensor {
    return this.flatten();
  }

  as2D(rows: number, columns: number): Tensor {
    return this.reshape([rows, columns]);
  }

  as3D(rows: number, columns: number, depth: number): Tensor {
    return this.reshape([rows, columns, depth]);
  }

  as4D(rows: number, columns: number, depth: number, depth2: number): Tensor {
    return this.reshape([rows, columns, depth, depth2]);
  }

  /** See cast in transforms.ts: fractions are cut, numbers out of range go to the end of it. */
  cast(dtype: DataType): Tensor {
    return transforms.cast(this, dtype);
  }

  asType(dtype: DataType): Tensor {
    return this.cast(dtype);
  }

  toFloat(): Tensor {
    return this.cast('float32');
  }

  toInt(): Tensor {
    return this.cast('int32');
  }

  toBool(): Tensor {
    return this.cast('bool');
  }

  /** The same values under a handle of its own. */
  clone(): Tensor {
    return transforms.clone(this);
  }

  slice(begin: Axes, size?: Axes): Tensor {
    return transforms.slice(this, begin, size);
  }

  concat(others: Tensor | readonly Tensor[], axis = 0): Tensor {
    return transforms.concat([this, ...(others instanceof Tensor ? [others] : others)], axis);
  }

  stack(other: Tensor, axis = 0): Tensor {
    return transforms.stack([this, other], axis);
  }

  transpose(permutation?: readonly number[]): Tensor {
    return transforms.transpose(this, permutation);
  }

  expandDims(axis = 0): Tensor {
    return transforms.expandDims(this, axis);
  }

  squeeze(axes?: readonly number[]): Tensor {
    return transforms.squeeze(this, axes);
  }

  add(other: TensorLike): Tensor {
    return arithmetic.add(this, other);
  }

  sub(other: TensorLike): Tensor {
    return arithmetic.sub(this, other);
  }

  mul(other: TensorLike): Tensor {
    return arithmetic.mul(this, other);
  }

  div(other: TensorLike): Tensor {
    return arithmetic.div(this, other);
  }

  maximum(other: TensorLike): Tensor {
    return arithmetic.maximum(this, other);
  }

  minimum(other: TensorLike): Tensor {
    return arithmetic.minimum(this, other);
  }

  neg(): Tensor {
    return arithmetic.neg(this);
  }

  abs(): Tensor {
    return arithmetic.abs(this);
  }

  square(): Tensor {
    return arithmetic.square(this);
  }

  sqrt(): Tensor {
    return arithmetic.sqrt(this);
  }

  exp(): Tensor {
    return arithmetic.exp(this);
  }

  log(): Tensor {
    return arithmetic.log(this);
  }

  equal(other: TensorLike): Tensor {
    return comparison.equal(this, other);
  }

  sum(axis?: Axes, keepDims = false): Tensor {
    return reductions.sum(this, axis, keepDims);
  }

  mean(axis?: Axes, keepDims = false): Tensor {
    return reductions.mean(this, axis, keepDims);
  }

  max(axis?: Axes, keepDims = false): Tensor {
    return reductions.max(this, axis, keepDims);
  }

  min(axis?: Axes, keepDims = false): Tensor {
    return reductions.min(this, axis, keepDims);
  }

  argMax(axis = 0): Tensor {
    return reductions.argMax(this, axis);
  }

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
    return isMovable ? Uint8Array.prototype.slice.call(values) : values;
  }
}
