import type { Shape } from '../description.js';
import { elementCount } from './checks.js';
import type { FloatArray } from './precision.js';

/** A value of `samples` samples, and parts that it consists of along an axis, in their order. */
interface PartsOf {
  samples: number;
  /** The shape of the whole value. */
  shape: Shape;
  axis: number;
  parts: readonly FloatArray[];
}

/** Calls visit(part, its element, element of the whole) for all elements. */
export function forEachElement(
  { samples, shape, axis, parts }: PartsOf,
  visit: (part: number, element: number, whole: number) => void,
): void {
  const rows = samples * elementCount(shape.slice(0, axis));
  const row = elementCount(shape.slice(axis));
  let before = 0;
  parts.forEach(({ length }, index) => {
    const part = length / rows;
    for (let i = 0; i < length; i++) visit(index, i, Math.floor(i / part) * row + before + (i % part));
    before += part;
  });
}
