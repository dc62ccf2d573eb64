import type { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';

/** A sample's value, or a parameter, has at most this many elements: just under 2 GiB as float32. */
export const MAX_ELEMENTS = 2 ** 29 - 1;

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** "28x28x1"; "scalar" for no axes. */
export function showShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('x');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** TOO_LARGE if a value of this shape can't be held; products past 2^53 are inexact and past the limit just the same. */
export function checkElementCount(checks: OptionChecks, what: string, shape: Shape): void {
  const count = elementCount(shape);
  if (count > MAX_ELEMENTS) {
    checks.fail(
      'TOO_LARGE',
      `${what} of ${showShape(shape)} would have ${count} elements; the most is ${MAX_ELEMENTS}. Use fewer units or filters, or a smaller input.`,
    );
  }
}
