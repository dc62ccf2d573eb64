import { isFloat32Array } from '../realms.js';
import { sizeOf, stridesOf } from '../tensor/shapes.js';
import { type Constant, filledInSlices, floatsOf, numberOf } from './constants.js';
import type { MakeWeight } from './context.js';

/** Numbers to copy before yielding. */
const COPIED = 2 ** 17;
/** Rows and columns of a block that is transposed at once: what it touches fits in the first-level cache. */
const BLOCK = 32;

/** How a constant becomes a weight. */
export interface WeightForm {
  /** Its shape first, if not the constant's: the same elements. */
  shape?: readonly number[];
  /** The axis of the constant for each axis of the weight. Default: as they are. */
  axes?: readonly number[];
  factor?: number;
}

/** Makes a weight of a constant. The number of elements mustn't change. */
export function weightOf(
  from: Constant,
  { shape = from.shape, axes = shape.map((_, axis) => axis), factor = 1 }: WeightForm = {},
): MakeWeight {
  return function* () {
    const source = yield* floatsOf(from);
    const isKept = isFloat32Array(source) && axes.every((axis, i) => axis === i);
    const values = isKept ? source : yield* permuted(source, shape, axes);
    if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] *= factor;
    return values;
  };
}

/**
 * Copies the elements of a shape, with the axis axes[i] of the shape as axis i. The shape's last axis and the
 * result's are walked in blocks, so that neither's cache lines are fetched for one element each.
 */
export function* permuted(
  source: Float32Array | DataView,
  shape: readonly number[],
  axes: readonly number[],
): Generator<void, Float32Array> {
  const { buffer, byteOffset, byteLength } = source;
  if (axes.every((axis, i) => axis === i))
    return yield* copied(new Uint8Array(buffer, byteOffset, byteLength));
  const last = axes.length - 1;
  const values = new Float32Array(byteLength / 4);
  // Numbers of a file may lie at any byte.
  const view = new DataView(buffer, byteOffset, byteLength);
  const sizes = axes.map((axis) => shape[axis]);
  const strides = axes.map((axis) => stridesOf(shape)[axis]);
  const own = stridesOf(sizes);
  // Rows are adjacent in the source, columns in the result.
  const across = axes.indexOf(last);
  const outer = sizes.map((size, i) => (i === across || i === last ? 1 : size));
  const isRow = across === last;
  let done = 0;
  for (const [from, to] of corners(outer, strides, own)) {
    for (let row = 0; row < (isRow ? 1 : sizes[across]); row += BLOCK) {
      const rows = isRow ? 1 : Math.min(BLOCK, sizes[across] - row);
      for (let column = 0; column < sizes[last]; column += BLOCK) {
        const columns = Math.min(BLOCK, sizes[last] - column);
        for (let r = row; r < row + rows; r++) {
          let at = from + r * strides[across] + column * strides[last];
          const start = to + r * own[across] + column;
          for (let i = start; i < start + columns; i++, at += strides[last])
            values[i] = view.getFloat32(4 * at, true);
        }
        done += rows * columns;
        if (done < COPIED) continue;
        done = 0;
        yield;
      }
    }
  }
  return values;
}

/** The float32 numbers of these bytes. */
function* copied(bytes: Uint8Array): Generator<void, Float32Array> {
  const values = new Float32Array(bytes.length / 4);
  const to = new Uint8Array(values.buffer);
  for (let at = 0; at < bytes.length; at += 4 * COPIED) {
    to.set(bytes.subarray(at, at + 4 * COPIED), at);
    yield;
  }
  return values;
}

/** The offsets in the source and in the result of each position of some axes. */
function* corners(
  sizes: readonly number[],
  strides: readonly number[],
  own: readonly number[],
): Generator<[number, number]> {
  const position = sizes.map(() => 0);
  let [from, to] = [0, 0];
  for (let left = sizeOf(sizes); left > 0; left--) {
    yield [from, to];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      to += own[axis];
      if (++position[axis] < sizes[axis]) break;
      from -= strides[axis] * sizes[axis];
      to -= own[axis] * sizes[axis];
      position[axis] = 0;
    }
  }
}

/** A weight of equal numbers. */
export function filled(count: number, value: number): MakeWeight {
  return () => filledInSlices(count, value);
}

/** A weight that repeats each element of a constant. */
export function repeated(from: Constant, times: number): MakeWeight {
  return function* () {
    yield;
    const { elements } = from;
    return Float32Array.from({ length: sizeOf(from.shape) * times }, (_, i) =>
      numberOf(elements[Math.floor(i / times)]),
    );
  };
}
