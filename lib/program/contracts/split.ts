import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `split`. */
export interface SplitAttributes {
  /** The axis to cut, without the batch, from 0. */
  axis: number;
  /** The size of each part along the axis. One or more, which must add up to the axis's size. */
  sizes: readonly number[];
}

/**
 * Cuts its input along an axis into parts, each an output. It is the inverse of `concatenate`, and its
 * gradient is their concatenation, with zeros for parts that the loss doesn't depend on.
 */
export const split: Contract<SplitAttributes> = {
  inputs: 'one',
  attributes: { axis: 'required', sizes: 'required' },
  parameters: {},
  outputShapes({ attributes: { axis, sizes }, inputs: [input], fail }) {
    if (axis >= input.length) fail('INVALID_ARGUMENT', `there is no axis ${axis} in ${showShape(input)}.`);
    if (sizes.reduce((sum, size) => sum + size, 0) !== input[axis]) {
      const parts = `parts of ${showShape(sizes)}`;
      fail('SHAPE_MISMATCH', `${parts} don't add up to axis ${axis} of ${showShape(input)}.`);
    }
    return sizes.map((size) => input.with(axis, size));
  },
};
