import { ConvforgeError } from '../errors.js';
import { nthSeed, RandomGenerator } from '../random/index.js';

/**
 * The order of `count` samples in an epoch (from 0). It depends on seed and epoch alone, so that a fit with
 * initialEpoch continues exactly as the earlier fit would have.
 */
export function epochOrder(count: number, seed: number, epoch: number, shuffle: boolean): Uint32Array {
  if (shuffle) return new RandomGenerator(nthSeed(seed, epoch)).permutation(count);
  return inOrder(count);
}

/** The indices 0 to count - 1. */
export function inOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/**
 * `length` sample indices, from position `start` of an endless sequence of passes over the data. Each pass
 * has its own order.
 */
export function partOfPasses(
  count: number,
  seed: number,
  { start, length, shuffle }: { start: number; length: number; shuffle: boolean },
): Uint32Array {
  const part = allocate(length);
  for (let done = 0; done < length; ) {
    const pass = Math.floor((start + done) / count);
    const first = start + done - pass * count;
    const samples = epochOrder(count, seed, pass, shuffle).subarray(first, first + length - done);
    part.set(samples, done);
    done += samples.length;
  }
  return part;
}

function allocate(length: number): Uint32Array {
  try {
    return new Uint32Array(length);
  } catch (cause) {
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `fit: no memory for the order of ${length} samples; use a smaller batchSize.`,
      { cause },
    );
  }
}
