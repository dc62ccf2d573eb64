import { showShape, type Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/** Throws SHAPE_MISMATCH unless `shape` has the input's number of axes, each of the input's size or 1. */
export function broadcastable(
  { fail }: Pick<ShapeQuery<object>, 'fail'>,
  name: string,
  shape: Shape,
  input: Shape,
): void {
  if (shape.length === input.length && shape.every((size, axis) => size === 1 || size === input[axis]))
    return;
  fail(
    'SHAPE_MISMATCH',
    `${name} is ${showShape(shape)}; each size must be 1 or that of the input, ${showShape(input)}.`,
  );
}
