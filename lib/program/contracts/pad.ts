import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `pad`. A negative number crops as many elements. */
export interface PadAttributes {
  /** Zeros to add at the beginning of each axis. */
  before: readonly number[];
  /** Zeros to add at the end of each axis. */
  after: readonly number[];
}

/**
 * Pads axes with zeros at their ends, or crops them. At least one of the input's elements along each axis
 * must remain.
 */
export const pad: Contract<PadAttributes> = {
  inputs: 'one',
  attributes: { before: 'required', after: 'required' },
  parameters: {},
  outputShapes({ attributes: { before, after }, inputs: [input], fail }) {
    const left = input.map((size, axis) => size + Math.min(before[axis], 0) + Math.min(after[axis], 0));
    if (left.some((size) => size < 1))
      fail('SHAPE_MISMATCH', `cropping ${showShape(input)} leaves nothing; crop less.`);
    return [input.map((size, axis) => size + before[axis] + after[axis])];
  },
};
