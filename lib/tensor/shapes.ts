import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';

/** The sizes of the axes; [] for a scalar. */
export type Shape = readonly number[];

/** The shape of a sample; null for a size that may differ from one run to the next. */
export type SampleShape = readonly (number | null)[];

/** The number of elements; 1 for a scalar's []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The shape as messages show it: "[2, 3]". */
export function showShape(shape: SampleShape): string {
  return `[${shape.map(String).join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The row-major strides in elements: [6, 2, 1] for [4, 3, 2]. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = new Array(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/**
 * Throws INVALID_ARGUMENT unless `shape` is a list of whole numbers from 0 up, TOO_LARGE if their product
 * exceeds 2^53.
 */
export function checkShape(shape: unknown, what: string): asserts shape is Shape {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: the shape is ${show(shape)}; it must be a list of whole numbers from 0 up, such as [28, 28, 1].`,
    );
  }
  if (!Number.isSafeInteger(sizeOf(shape))) {
    throw new ConvforgeError('TOO_LARGE', `${what}: a shape of ${showShape(shape)} has too many elements.`);
  }
}

/** The axis counted from the front. A negative axis counts from the end. There are `count` axes. */
export function readAxis(axis: unknown, count: number, what: string): number {
  if (!Number.isSafeInteger(axis) || (axis as number) < -count || (axis as number) >= count) {
    const range =
      count === 0 ? 'a scalar has none' : `it must be a whole number from ${-count} to ${count - 1}`;
    throw new ConvforgeError('INVALID_ARGUMENT', `${what}: axis is ${show(axis)}; ${range}.`);
  }
  return (axis as number) < 0 ? (axis as number) + count : (axis as number);
}

/** The axes counted from the front, in ascending order. All axes by default. */
export function readAxes(axes: number | readonly number[] | undefined, rank: number, what: string): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === 'object' ? axes : [axes];
  const read = list.map((axis) => readAxis(axis, rank, what)).sort((a, b) => a - b);
  if (new Set(read).size < read.length) {
    throw new ConvforgeError('INVALID_ARGUMENT', `${what}: an axis is given twice in ${show(list)}.`);
  }
  return read;
}

/**
 * The broadcast shape, by NumPy's rule: aligned at the last axis, sizes must be equal or 1. Throws
 * SHAPE_MISMATCH for others.
 */
export function broadcastShapes(a: Shape, b: Shape, what: string): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `${what}: shapes ${showShape(a)} and ${showShape(b)} don't fit; aligned at the last axis, sizes must be equal or 1.`,
      );
    }
    return sizeA === 1 ? sizeB : sizeA;
  });
}
