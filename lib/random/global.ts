import { getRandomValues } from 'node:crypto';
import { RandomGenerator } from './generator.js';

let generator = new RandomGenerator(unpredictableSeed());

function unpredictableSeed(): number {
  const [high, low] = getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

/**
 * Makes all that follows repeatable: initial weights, shuffling, dropout, wherever no seed of its own is given. Without it each
 * process is different. Each worker thread has its own.
 * @param seed A whole number in [0, 2^53).
 */
export function setSeed(seed: number): void {
  generator = new RandomGenerator(seed);
}

/** A seed from the global generator. */
export function nextSeed(): number {
  return generator.integer(2 ** 53);
}
