import { showShape, sameShape, type Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/**
 * Returns the kernel's shape. Throws SHAPE_MISMATCH unless the kernel has this many axes and the bias, if
 * any, has a number per output.
 */
export function kernelShape(
  { parameters, fail }: Pick<ShapeQuery<object, 'kernel' | 'bias'>, 'parameters' | 'fail'>,
  rank: number,
  /** The kernel's axis of outputs. */
  outputs = rank - 1,
): Shape {
  const { kernel = [], bias } = parameters;
  if (kernel.length !== rank)
    fail('SHAPE_MISMATCH', `the kernel has shape ${showShape(kernel)}; it must have ${rank} axes.`);
  if (bias && !sameShape(bias, [kernel[outputs]]))
    fail('SHAPE_MISMATCH', `the bias has shape ${showShape(bias)}; its kernel needs [${kernel[outputs]}].`);
  return kernel;
}
