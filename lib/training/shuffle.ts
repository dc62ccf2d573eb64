import { RandomGenerator } from '../random/index.js';

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/**
 * The order of `count` samples in an epoch (from 0): a permutation that depends on seed and epoch alone, so that a fit that
 * begins at a later epoch goes on as the earlier one would have.
 */
export function epochOrder(count: number, seed: number, epoch: number, shuffle: boolean): Uint32Array {
  if (shuffle) return new RandomGenerator(epochSeed(seed, epoch)).permutation(count);
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/**
 * The samples of an epoch of exactly `length` samples: the next ones in passes over the data one after another, each with an order of
 * its own.
 */
export function epochPart(
  count: number,
  seed: number,
  epoch: number,
  { length, shuffle }: { length: number; shuffle: boolean },
): Uint32Array {
  const part = new Uint32Array(length);
  const start = epoch * length;
  for (let done = 0; done < length; ) {
    const pass = Math.floor((start + done) / count);
    const first = start + done - pass * count;
    const samples = epochOrder(count, seed, pass, shuffle).subarray(first, first + length - done);
    part.set(samples, done);
    done += samples.length;
  }
  return part;
}

/** A whole number in [0, 2^53): SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) of the seed at step epoch + 1. */
function epochSeed(seed: number, epoch: number): number {
  let z = (BigInt(seed) + BigInt(epoch + 1) * 0x9e37_79b9_7f4a_7c15n) & MASK_64;
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
  return Number((z ^ (z >> 31n)) >> 11n);
}
