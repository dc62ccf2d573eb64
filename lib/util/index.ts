import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { type TensorLike, toTensor } from '../tensor/index.js';
import { checkShape, sizeOf } from '../tensor/shapes.js';

/** A mutable array, typed or not. */
export interface MutableList {
  /** Number of elements. */
  length: number;
  [index: number]: unknown;
}

export { oneHot as toCategorical } from '../tensor/creation.js';

/** Throws INVALID_ARGUMENT with this message unless `holds` is true. */
export function assert(holds: boolean, message: string | (() => string)): asserts holds {
  if (holds) return;
  throw new ConvforgeError('INVALID_ARGUMENT', typeof message === 'string' ? message : message());
}

/** Whether two lists have equal elements. */
export function arraysEqual(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);
}

/**
 * Flattens nested arrays to one list.
 *
 * @param result The list to append to, which is returned. Default: a new one.
 * @param skipTypedArray Whether typed arrays stay whole, as elements of the list.
 */
export function flatten<Element = number>(
  values: TensorLike | readonly unknown[],
  result: Element[] = [],
  skipTypedArray = false,
): Element[] {
  if (Array.isArray(values)) {
    for (const each of values) flatten(each, result, skipTypedArray);
  } else if (skipTypedArray && ArrayBuffer.isView(values)) {
    result.push(values as Element);
  } else {
    const numbers = toTensor(values as TensorLike, 'flatten: values').dataSync();
    for (const value of numbers) result.push(value as Element);
  }
  return result;
}

/** Milliseconds since the process started. */
export function now(): number {
  return performance.now();
}

/** The number of elements of a shape; 1 for a scalar's []. */
export function sizeFromShape(shape: Shape): number {
  checkShape(shape, 'sizeFromShape');
  return sizeOf(shape);
}

/** Shuffles a list in place. Reproducible with setSeed. */
export function shuffle(array: MutableList): void {
  reorder(array, createShuffledIndices(array.length));
}

/** Shuffles two lists of equal length in place, in the same order. Reproducible with setSeed. */
export function shuffleCombo(first: MutableList, second: MutableList): void {
  assert(
    first.length === second.length,
    () =>
      `shuffleCombo: the lists have ${first.length} and ${second.length} elements; they must have the same length.`,
  );
  const order = createShuffledIndices(first.length);
  reorder(first, order);
  reorder(second, order);
}

function reorder(array: MutableList, order: Uint32Array): void {
  const source = Array.prototype.slice.call(array);
  order.forEach((from, to) => {
    array[to] = source[from];
  });
}

/** The numbers from 0 to n - 1 in random order. Reproducible with setSeed. */
export function createShuffledIndices(n: number): Uint32Array {
  return new RandomGenerator(nextSeed()).permutation(n);
}
