import { throwIfAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import type { Shape } from './description.js';
import { SAMPLE_ARRAYS } from './dtype.js';
import { turnOfEventLoop } from './sliced-work.js';
import type { Engine, SampleArray, Samples, SampleType } from './engine.js';
import type { TypedArray } from '../tensor/index.js';

/** Bytes to copy between two turns of the event loop: a few milliseconds of work. */
const SLICE_BYTES = 8 * 2 ** 20;

/**
 * Converts a slice of the source to sample memory's type. `start` is the slice's index in the source, for
 * messages.
 */
export type ConvertSlice = (slice: TypedArray, start: number) => SampleArray;

/** Samples in the caller's memory, which may be detached while it is read. */
export class SampleSource {
  constructor(
    /** What messages call it: "x" or "y". */
    readonly what: string,
    private readonly values: TypedArray,
    /** The shape, with the number of samples first. */
    readonly shape: Shape,
    readonly dtype: SampleType,
    private readonly convert: ConvertSlice,
    /** Index in `values` of the first element. */
    private readonly offset = 0,
  ) {}

  get count(): number {
    return this.shape[0];
  }

  /** Number of elements of all samples. */
  get size(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** The samples in [first, end). */
  range(first: number, end: number): SampleSource {
    const sampleSize = this.size / this.count;
    const shape = [end - first, ...this.shape.slice(1)];
    const offset = this.offset + first * sampleSize;
    return new SampleSource(this.what, this.values, shape, this.dtype, this.convert, offset);
  }

  /** Copies the samples at these indexes, in their order. Throws BUFFER_DETACHED. */
  pick(indexes: Uint32Array): SampleSource {
    const size = this.size / this.count;
    const values = new SAMPLE_ARRAYS[this.dtype](indexes.length * size);
    for (const [i, index] of indexes.entries())
      values.set(this.read(index * size, (index + 1) * size), i * size);
    const shape = [indexes.length, ...this.shape.slice(1)];
    return new SampleSource(this.what, values, shape, this.dtype, (slice) => slice as SampleArray);
  }

  /** Converts the elements in [start, end). Throws BUFFER_DETACHED if they are gone. */
  read(start: number, end: number): SampleArray {
    if (this.values.length < this.offset + this.size) {
      throw new ConvforgeError(
        'BUFFER_DETACHED',
        `${this.what}: its buffer was transferred or shrunk; keep it as it is until the data has been copied (until fit has begun its first epoch).`,
      );
    }
    const from = this.offset + start;
    const to = this.offset + end;
    return this.convert(this.values.subarray(from, to), from);
  }
}

/** The shape of each set, without the number of samples. */
export function sampleShapes(sets: readonly { readonly shape: Shape }[]): Shape[] {
  return sets.map(({ shape }) => shape.slice(1));
}

/**
 * Copies samples to memory of the engine and passes them to `use`. Jobs that `use` starts keep the samples
 * until they end.
 */
export function withSamples<T>(
  engine: Engine,
  sources: readonly SampleSource[],
  use: (samples: readonly Samples[]) => T,
): T {
  const copies = copySamples(engine, sources);
  try {
    return use(copies);
  } finally {
    disposeSamples(copies);
  }
}

/** Copies samples to memory of the engine, which the caller must dispose of. */
export function copySamples(engine: Engine, sources: readonly SampleSource[]): readonly Samples[] {
  const copies: Samples[] = [];
  try {
    for (const source of sources) {
      const samples = engine.allocateSamples(source.shape, source.dtype);
      copies.push(samples);
      for (const write of slices(samples, source)) write();
    }
    return copies;
  } catch (error) {
    disposeSamples(copies);
    throw error;
  }
}

export function disposeSamples(sets: readonly Samples[]): void {
  for (const samples of sets) samples.dispose();
}

/**
 * Copies samples to memory of the engine, 8 MB per turn of the event loop. Rejects with ABORTED if the signal
 * fires.
 */
export async function copySamplesInSlices(
  engine: Engine,
  source: SampleSource,
  signal?: AbortSignal,
): Promise<Samples> {
  const samples = engine.allocateSamples(source.shape, source.dtype);
  try {
    for (const write of slices(samples, source)) {
      write();
      await turnOfEventLoop();
      throwIfAborted(signal);
    }
    return samples;
  } catch (error) {
    samples.dispose();
    throw error;
  }
}

/** Copies float32 values to memory of the engine, in slices of 8 MB. */
export function* writeInSlices(samples: Samples, values: Float32Array): Generator<void, void> {
  const step = SLICE_BYTES / 4;
  for (let start = 0; start < values.length; start += step) {
    samples.write(values.subarray(start, start + step), start);
    yield;
  }
}

function* slices(samples: Samples, source: SampleSource): Generator<() => void> {
  const step = SLICE_BYTES / (source.dtype === 'uint8' ? 1 : 4);
  for (let start = 0; start < source.size; start += step) {
    const end = Math.min(start + step, source.size);
    yield () => samples.write(source.read(start, end), start);
  }
}
