import { showShape, type Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/**
 * The shape to which these shapes are repeated, as NumPy does it: axes are aligned at the last one, missing
 * ones in front count as 1, and sizes along an axis must be equal or 1. Throws SHAPE_MISMATCH otherwise.
 */
export function broadcastShapes(
  { fail }: Pick<ShapeQuery<object>, 'fail'>,
  shapes: readonly Shape[],
): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.some((each) => each !== 1 && each !== size)) {
      const list = shapes.map(showShape).join(' and ');
      fail('SHAPE_MISMATCH', `${list} don't fit: sizes along an axis must be equal or 1.`);
    }
    return size;
  });
}
