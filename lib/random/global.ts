import { getRandomValues } from 'node:crypto';
import { type GeneratorState, RandomGenerator } from './generator.js';

let generator = new RandomGenerator(unpredictableSeed());

function unpredictableSeed(): number {
  const [high, low] = getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

/**
 * Makes initial weights, shuffling, dropout and other draws reproducible, unless they have a seed of their
 * own. Without it each process draws other numbers. Each worker thread has its own generator.
 *
 * @param seed A whole number in [0, 2^53).
 */
export function setSeed(seed: number): void {
  generator = new RandomGenerator(seed);
}

/** Draws a seed from the global generator. */
export function nextSeed(): number {
  return generator.integer(2 ** 53);
}

/** What the global generator will draw next. */
export function generatorState(): GeneratorState {
  return generator.getState();
}

/** Makes the global generator draw what it would have drawn in this state. */
export function setGeneratorState(state: GeneratorState): void {
  generator.setState(state);
}
