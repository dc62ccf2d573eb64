import type { OptionChecks } from '../options.js';
import type { SampleShape, Shape } from '../tensor/shapes.js';

export type { SampleShape } from '../tensor/shapes.js';

/** Limit of the elements of a sample's value or a parameter: just under 2 GiB as float32. */
export const MAX_ELEMENTS = 2 ** 29 - 1;

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** "28x28x1", with ? for unknown sizes; "scalar" for no axes. */
export function showShape(shape: SampleShape): string {
  return shape.length === 0 ? 'scalar' : shape.map((size) => size ?? '?').join('x');
}

export function sameShape(a: SampleShape, b: SampleShape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A key that is equal for equal lists of shapes. */
export function shapesKey(shapes: readonly Shape[]): string {
  return shapes.map(showShape).join();
}

export function isKnown(shape: SampleShape): shape is Shape {
  return !shape.includes(null);
}

/** Whether `shape` agrees with the sizes that `known` doesn't leave null. */
export function fitsShape(shape: SampleShape, known: SampleShape): boolean {
  return shape.length === known.length && known.every((size, axis) => size === null || size === shape[axis]);
}

/**
 * Throws TOO_LARGE if a value of this shape has too many elements. Products past 2^53 are inexact, but past
 * the limit all the same.
 */
export function checkElementCount(checks: OptionChecks, what: string, shape: SampleShape): void {
  const count = elementCount(shape.map((size) => size ?? 1));
  if (count > MAX_ELEMENTS) {
    checks.fail(
      'TOO_LARGE',
      `${what} of ${showShape(shape)} would have ${count} elements; the most is ${MAX_ELEMENTS}. Use fewer units or filters, or a smaller input.`,
    );
  }
}
