import { ConvforgeError } from '../errors.js';
import { corrupt } from '../io/failures.js';
import { MAX_ELEMENTS } from '../layers/shapes.js';
import { showShape, sizeOf, stridesOf } from '../tensor/shapes.js';
import { type Constant, decoded, numberOf } from './constants.js';
import type { SparseMessage } from './messages.js';
import { type ReadExternal, readTensor } from './tensors.js';

/**
 * A tensor of which a file has the elements that aren't 0, with their places: counted through the whole tensor, or by
 * the index on each axis. Throws as readTensor does.
 */
export function readSparse(
  file: string,
  sparse: SparseMessage,
  what: string,
  external: ReadExternal,
): Constant {
  const { values, indices, dims } = sparse;
  if (!values || !indices) throw corrupt(file, `${what} has no values or no places of them`);
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 1))
    throw corrupt(file, `${what} has the shape ${showShape(dims)}`);
  const size = sizeOf(dims);
  if (size > MAX_ELEMENTS)
    throw new ConvforgeError(
      'TOO_LARGE',
      `${file}: ${what} of ${showShape(dims)} would have ${size} elements; the most is ${MAX_ELEMENTS}.`,
    );
  const given = readTensor(file, values, `${what}, its values`, external);
  const places = readTensor(file, indices, `${what}, its indices`, external);
  const count = sizeOf(given.shape);
  const isFlat = places.shape.length === 1;
  const expected = isFlat ? [count] : [count, dims.length];
  if (given.shape.length !== 1 || places.shape.join() !== expected.join())
    throw corrupt(
      file,
      `${what} has values of ${showShape(given.shape)} at places of ${showShape(places.shape)}`,
    );
  const strides = isFlat ? [1] : stridesOf(dims);
  const limits = isFlat ? [size] : dims;
  const wrong = Array.from(places.elements, numberOf).findIndex(
    (at, i) => !(at >= 0 && at < limits[i % limits.length]),
  );
  if (wrong >= 0) throw corrupt(file, `${what} has a value outside of its shape ${showShape(dims)}`);
  return decoded(given.type, [...dims], () => {
    const elements = new (given.type === 'float' ? Float32Array : Float64Array)(size);
    const [from, at] = [given.elements, places.elements];
    for (let i = 0; i < count; i++) {
      const place = strides.reduce(
        (sum, stride, axis) => sum + numberOf(at[i * strides.length + axis]) * stride,
        0,
      );
      elements[place] = numberOf(from[i]);
    }
    return elements;
  });
}
