import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';

/**
 * Inputs and outputs of one unit: [inputs, units] is meant of a matrix; a convolution's kernel [...window, in, out] counts
 * each channel once per cell of its window; a bias [n] has n of both, a scalar 1.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const receptiveField = sizeOf(shape.slice(0, -2));
  return {
    fanIn: receptiveField * shape[shape.length - 2],
    fanOut: receptiveField * shape[shape.length - 1],
  };
}
