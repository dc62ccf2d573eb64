import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `slice`: a number for each axis of the input. */
export interface SliceAttributes {
  /** The first index, from 0. */
  starts: readonly number[];
  /** How many elements to take; at least 1. */
  sizes: readonly number[];
  /** The distance from one index to the next: not 0, and negative to count down from the start. */
  steps: readonly number[];
}

/**
 * Takes elements at equal distances along each axis: along axis a, index i of the output is index
 * starts[a] + i * steps[a] of the input. All of these must lie in the input.
 */
export const slice: Contract<SliceAttributes> = {
  inputs: 'one',
  attributes: { starts: 'required', sizes: 'required', steps: 'required' },
  parameters: {},
  outputShapes({ attributes: { starts, sizes, steps }, inputs: [input], fail }) {
    const lists = [starts, sizes, steps];
    if (lists.some(({ length }) => length !== input.length)) {
      const axes = `${input.length} numbers, one for each axis of ${showShape(input)}`;
      fail('SHAPE_MISMATCH', `starts, sizes and steps must each have ${axes}.`);
    }
    input.forEach((size, axis) => {
      const last = starts[axis] + (sizes[axis] - 1) * steps[axis];
      if (starts[axis] < size && last >= 0 && last < size) return;
      const range = `from ${starts[axis]} to ${last} along axis ${axis}`;
      fail('SHAPE_MISMATCH', `a slice ${range} leaves its input ${showShape(input)}.`);
    });
    return [sizes];
  },
};
