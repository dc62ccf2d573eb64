import { type Shape, sizeOf } from './shapes.js';
import { allocate, type DataType, type TypedArray } from './dtype.js';
import { Tensor } from './tensor.js';

/**
 * A view made solid: element [i, j, ...] of the result is values[offset + i * strides[0] + j * strides[1] + ...].
 * Slices, transpositions and broadcasts are all of this form (a stride of 0 repeats).
 */
export function gatherStrided(
  values: TypedArray,
  dtype: DataType,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  what: string,
): Tensor {
  const out = allocate(dtype, sizeOf(shape), what);
  const last = shape.length - 1;
  let next = 0;
  const copy = (axis: number, from: number): void => {
    if (axis > last) {
      out[next++] = values[from];
    } else if (axis === last && strides[axis] === 1) {
      out.set(values.subarray(from, from + shape[axis]), next);
      next += shape[axis];
    } else if (axis === last) {
      for (let i = 0; i < shape[axis]; i++) out[next++] = values[from + i * strides[axis]];
    } else {
      for (let i = 0; i < shape[axis]; i++) copy(axis + 1, from + i * strides[axis]);
    }
  };
  if (out.length > 0) copy(0, offset);
  return new Tensor(out, shape, dtype);
}
