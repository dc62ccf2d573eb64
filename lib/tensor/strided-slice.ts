import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { type Shape, showShape } from './shapes.js';

/** What a strided slice takes: numbers for the first axes, and bits for the axes where they don't count. */
export interface StridedSlice {
  /** Where each axis begins; negative from the end. */
  begin: readonly number[];
  /** Before which index it ends; negative from the end. */
  end: readonly number[];
  /** The distances from one index to the next; negative to count down. Default 1. */
  strides?: readonly number[];
  /** Bit i is set if axis i begins at its first element, or at its last if it counts down. */
  beginMask?: number;
  /** Bit i is set if axis i goes on to its end. */
  endMask?: number;
  /** Bit i is set if axis i is removed, of which only the element at `begin` is taken. */
  shrinkAxisMask?: number;
}

/** The elements of a strided slice. */
export interface SlicedAxes {
  starts: number[];
  sizes: number[];
  steps: number[];
  /** The axes that are removed. */
  removed: number[];
}

/**
 * Finds the elements of a strided slice of this shape. Indices beyond an axis count as its end. Throws
 * INVALID_ARGUMENT.
 */
export function slicedAxes(shape: Shape, slice: StridedSlice): SlicedAxes {
  const { begin, end, strides = begin.map(() => 1), beginMask = 0, endMask = 0, shrinkAxisMask = 0 } = slice;
  const isFit = [end, strides].every(({ length }) => length === begin.length) && begin.length <= shape.length;
  if (!isFit || strides.some((step) => step === 0)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `stridedSlice: begin ${show(begin)}, end ${show(end)} and strides ${show(strides)} must be as many, at most one for each axis of ${showShape(shape)}, without strides of 0.`,
    );
  }
  const sliced: SlicedAxes = { starts: [], sizes: [], steps: [], removed: [] };
  for (const [axis, length] of shape.entries()) {
    const isGiven = axis < begin.length;
    const isRemoved = isGiven && hasBit(shrinkAxisMask, axis);
    const step = isGiven && !isRemoved ? strides[axis] : 1;
    const from = isGiven && !hasBit(beginMask, axis) ? begin[axis] : undefined;
    const to = isGiven && !hasBit(endMask, axis) ? end[axis] : undefined;
    const { start, size } = sliceOfAxis(length, step, from, to);
    if (isRemoved) sliced.removed.push(axis);
    sliced.starts.push(start);
    sliced.sizes.push(isRemoved ? 1 : size);
    sliced.steps.push(step);
  }
  return sliced;
}

/**
 * Where a slice of an axis begins, and how many elements it takes. Indices are negative from the end, and those
 * beyond the axis count as its end. Undefined: all from the first element on, or to the last, as `step` counts.
 */
export function sliceOfAxis(
  length: number,
  step: number,
  begin?: number,
  end?: number,
): { start: number; size: number } {
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const [first, last] = step > 0 ? [low, high] : [high, low];
  const at = (index: number) => Math.min(Math.max(index < 0 ? index + length : index, low), high);
  const start = begin === undefined ? first : at(begin);
  const stop = end === undefined ? last : at(end);
  return { start, size: Math.max(0, Math.ceil((stop - start) / step)) };
}

function hasBit(mask: number, bit: number): boolean {
  return (mask & (1 << bit)) !== 0;
}
