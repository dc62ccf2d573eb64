import type { Shape } from '../program/description.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { checkShape, sizeOf } from '../tensor/shapes.js';

export { oneHot as toCategorical } from '../tensor/creation.js';

/** Milliseconds since the process started. */
export function now(): number {
  return performance.now();
}

/** Number of elements; 1 for a scalar's []. */
export function sizeFromShape(shape: Shape): number {
  checkShape(shape, 'sizeFromShape');
  return sizeOf(shape);
}

/** Puts the elements in random order, in place; setSeed makes it repeatable. */
export function shuffle(array: { length: number; [index: number]: unknown }): void {
  const source = Array.prototype.slice.call(array);
  createShuffledIndices(array.length).forEach((from, to) => {
    array[to] = source[from];
  });
}

/** The numbers from 0 to n - 1 in random order; setSeed makes it repeatable. */
export function createShuffledIndices(n: number): Uint32Array {
  return new RandomGenerator(nextSeed()).permutation(n);
}
