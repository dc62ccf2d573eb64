import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { isSharedArrayBuffer } from '../realms.js';
import { checkDataType, type DataType, holds, type TypedArray } from './dtype.js';
import { formatTensor, inspectTensor } from './format.js';
import { countTensor, countValues, forgetTensor } from './memory-count.js';
import { checkShape, type Shape, showShape, sizeOf } from './shapes.js';

/** Values as nested arrays; a number for a scalar. `bool` gives 0 and 1. */
export type NestedArray = number | NestedArray[];

/**
 * An immutable multidimensional array in row-major order. Images are [n, height, width, channels]. The
 * garbage collector frees tensors; dispose() and tidy() exist only for programs that call them.
 */
export class Tensor {
  /** The sizes of the axes; [] for a scalar. */
  readonly shape: Shape;
  /** The type of the elements. */
  readonly dtype: DataType;
  /** The number of elements. */
  readonly size: number;
  /** The number of axes. */
  readonly rank: number;
  #values: TypedArray | (() => TypedArray) | undefined;

  /**
   * Makes a tensor.
   *
   * @param values Kept without copying, or a function that returns them when they are first read. Shared or
   * resizable memory is copied, since it may change while it is read.
   * @throws SHAPE_MISMATCH if the number of values isn't that of the shape's elements.
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

  /**
   * The values themselves, not a copy. The caller must not write to them. Throws DISPOSED, or BUFFER_DETACHED
   * if their memory was transferred.
   */
  dataSync(): TypedArray {
    if (typeof this.#values === 'function') this.#values = this.#check(this.#values());
    if (this.#values === undefined) {
      throw new ConvforgeError(
        'DISPOSED',
        `tensor: this tensor of shape ${showShape(this.shape)} was disposed; keep a clone(), or don't dispose of it: tensors needn't be disposed of.`,
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

  /** The values, as dataSync returns them. For a PendingTensor, doesn't block the thread. */
  async data(): Promise<TypedArray> {
    return this.dataSync();
  }

  /** A copy of the values as nested arrays, or a scalar's number. Throws as dataSync does. */
  arraySync(): NestedArray {
    const values = this.dataSync();
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank ? values[next++] : Array.from({ length: this.shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  /** As arraySync. For a PendingTensor, doesn't block the thread. */
  async array(): Promise<NestedArray> {
    await this.data();
    return this.arraySync();
  }

  /** Releases the values at once. May be called again. */
  dispose(): void {
    if (this.#values !== undefined) forgetTensor(this);
    this.#values = undefined;
  }

  /** Whether dispose was called. */
  get isDisposed(): boolean {
    return this.#values === undefined;
  }

  /**
   * The values as text. Long axes show their first and last three elements. `verbose` adds dtype, rank and
   * shape.
   */
  toString(verbose = false): string {
    return formatTensor(this, verbose);
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, (tensor, look) => inspectTensor(tensor, this.#values, look));
  }

  /** Prints toString(). */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }

  #check(values: TypedArray): TypedArray {
    if (!holds(values, this.dtype)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `tensor: ${this.dtype} values must be in the typed array of that dtype; use tensor(values, shape, '${this.dtype}') to convert.`,
      );
    }
    if (values.length !== this.size) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `tensor: ${values.length} values don't fill the shape ${showShape(this.shape)}, which has ${this.size} elements.`,
      );
    }
    const buffer = values.buffer as ArrayBufferLike & { resizable?: boolean };
    const isMovable = isSharedArrayBuffer(buffer) || buffer.resizable === true;
    const kept: TypedArray = isMovable ? Uint8Array.prototype.slice.call(values) : values;
    countValues(kept);
    return kept;
  }
}
