import type { NodeDescription, Shape } from '../description.js';
import { fail, show, wholeNumbers } from './checks.js';

/** An attribute that has the input's axes, each of the input's size or 1. */
export function broadcastShape(node: NodeDescription, name: string, input: Shape): number[] {
  const shape = wholeNumbers(node, name, input.length, 1);
  if (!shape.every((size, axis) => size === 1 || size === input[axis])) {
    fail(
      node,
      'SHAPE_MISMATCH',
      `${name} is ${show(shape)}; each size must be 1 or that of the input, ${show(input)}.`,
    );
  }
  return shape;
}

/** By element of a sample of `shape`, the element of `small` that serves it: along an axis of size 1, there is one for all. */
export function broadcastPlaces(shape: Shape, small: Shape): Int32Array {
  let places = [0];
  shape.forEach((size, axis) => {
    const steps = Array.from({ length: size }, (_, i) => (small[axis] === 1 ? 0 : i));
    places = places.flatMap((place) => steps.map((step) => place * small[axis] + step));
  });
  return Int32Array.from(places);
}
