import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { checkDataType, type DataType, holds, type TypedArray } from './dtype.js';
import { formatTensor, inspectTensor } from './format.js';
import { countTensor, countValues, forgetTensor } from './memory-count.js';
import { checkShape, type Shape, showShape, sizeOf } from './shapes.js';

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
