import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';

/**
 * The numbers of inputs and outputs of a unit. A matrix must be [inputs, units]. For a convolution kernel
 * [...window, in, out], each channel counts once for each position in the window. For a bias [n] both are n,
 * for a scalar 1.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const receptiveField = sizeOf(shape.slice(0, -2));
  return {
    fanIn: receptiveField * shape[shape.length - 2],
    fanOut: receptiveField * shape[shape.length - 1],
  };
}
