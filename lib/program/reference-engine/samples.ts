import { ConvforgeError } from '../../errors.js';
import { typedArrayName } from '../../realms.js';
import type { Shape } from '../description.js';
import { SAMPLE_ARRAYS } from '../dtype.js';
import type { SampleArray, Samples, SampleType } from '../engine.js';
import { elementCount, show } from './checks.js';

export class ReferenceSamples implements Samples {
  readonly shape: Shape;
  readonly dtype: SampleType;
  #values?: SampleArray;

  constructor(shape: Shape, dtype: SampleType) {
    if (!Object.hasOwn(SAMPLE_ARRAYS, dtype)) {
      throw new ConvforgeError('INVALID_ARGUMENT', `samples can't be ${dtype}; use uint8, int32 or float32.`);
    }
    if (shape.length === 0 || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `samples can't have shape ${show(shape)}; it must be whole numbers, the number of samples first.`,
      );
    }
    this.shape = [...shape];
    this.dtype = dtype;
    try {
      this.#values = new SAMPLE_ARRAYS[dtype](elementCount(shape));
    } catch (cause) {
      throw new ConvforgeError('TOO_LARGE', `samples of shape ${show(shape)} can't be allocated.`, { cause });
    }
  }

  /** Throws DISPOSED after dispose(). */
  get values(): SampleArray {
    if (!this.#values) throw new ConvforgeError('DISPOSED', 'these samples were disposed.');
    return this.#values;
  }

  write(values: SampleArray, offset: number): void {
    const own = this.values;
    if (typedArrayName(values) !== SAMPLE_ARRAYS[this.dtype].name) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `samples of ${this.dtype} are written from a ${SAMPLE_ARRAYS[this.dtype].name}, not ${Object.prototype.toString.call(values)}.`,
      );
    }
    if (!Number.isInteger(offset) || offset < 0 || offset + values.length > own.length) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${values.length} elements from offset ${offset} on don't fit samples of ${own.length} elements.`,
      );
    }
    own.set(values, offset);
  }

  dispose(): void {
    this.#values = undefined;
  }
}
