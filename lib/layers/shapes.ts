import type { OptionChecks } from '../options.js';
import type { SampleShape, Shape } from '../tensor/shapes.js';

export type { SampleShape } from '../tensor/shapes.js';

/** A sample's value, or a parameter, has at most this many elements: just under 2 GiB as float32. */
export const MAX_ELEMENTS = 2 ** 29 - 1;

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** "28x28x1", with ? for sizes that aren't known; "scalar" for no axes. */
export function showShape(shape: SampleShape): string {
  return shape.length === 0 ? 'scalar' : shape.map((size) => size ?? '?').join('x');
}

export function sameShape(a: SampleShape, b: SampleShape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The same for the same list of shapes. */
export function shapesKey(shapes: readonly Shape[]): string {
  return shapes.map(showShape).join();
}

export function isKnown(shape: SampleShape): shape is Shape {
  return !shape.includes(null);
}

/** Whether it has the sizes that are known. */
export function fitsShape(shape: SampleShape, known: SampleShape): boolean {
  return shape.length === known.length && known.every((size, axis) => size === null || size === shape[axis]);
}

/** TOO_LARGE if a value of this shape can't be held; products past 2^53 are inexact and past the limit just the same. */
export function checkElementCount(checks: OptionChecks, what: string, shape: SampleShape): void {
  const count = elementCount(shape.map((size) => size ?? 1));
  if (count > MAX_ELEMENTS) {
    checks.fail(
      'TOO_LARGE',
      `${what} of ${showShape(shape)} would have ${count} elements; the most is ${MAX_ELEMENTS}. Use fewer units or filters, or a smaller input.`,
    );
  }
}
