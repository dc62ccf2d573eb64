import { showShape, sameShape, type Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/** The kernel's shape. Throws SHAPE_MISMATCH unless it has this many axes, and the bias, if any, a number for each output. */
export function kernelShape(
  { parameters, fail }: Pick<ShapeQuery<object, 'kernel' | 'bias'>, 'parameters' | 'fail'>,
  rank: number,
  /** The axis of the kernel that has the outputs. */
  outputs = rank - 1,
): Shape {
  const { kernel = [], bias } = parameters;
  if (kernel.length !== rank)
    fail('SHAPE_MISMATCH', `the kernel has shape ${showShape(kernel)}; it must have ${rank} axes.`);
  if (bias && !sameShape(bias, [kernel[outputs]]))
    fail('SHAPE_MISMATCH', `the bias has shape ${showShape(bias)}; its kernel needs [${kernel[outputs]}].`);
  return kernel;
}
