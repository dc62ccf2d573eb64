import { showShape, sameShape, type Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/**
 * Returns the number of channels, the last axis of a normalization's input. Throws SHAPE_MISMATCH for a
 * scalar.
 */
export function channelCount({ fail }: Pick<ShapeQuery<object>, 'fail'>, input: Shape): number {
  if (input.length === 0) fail('SHAPE_MISMATCH', 'a normalization needs an axis of channels.');
  return input[input.length - 1];
}

/** Throws SHAPE_MISMATCH unless each of a normalization's parameters is a vector of this length. */
export function checkVectors(
  { parameters, fail }: Pick<ShapeQuery<object>, 'parameters' | 'fail'>,
  length: number,
): void {
  for (const [name, shape = []] of Object.entries(parameters)) {
    if (!sameShape(shape, [length]))
      fail('SHAPE_MISMATCH', `${name} has shape ${showShape(shape)}; it must be [${length}].`);
  }
}
