import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `pad`. A negative number crops as many elements, before any are added. */
export interface PadAttributes {
  /** How many elements to add at the beginning of each axis. */
  before: readonly number[];
  /** How many elements to add at the end of each axis. */
  after: readonly number[];
  /**
   * What is added. Default 'constant'. The examples show [1, 2, 3] with four elements before it.
   *
   * - 'constant': `value`.
   * - 'edge': the nearest element, [1, 1, 1, 1, 1, 2, 3].
   * - 'reflect': the mirror image at the last element, [3, 2, 3, 2, 1, 2, 3].
   * - 'symmetric': the mirror image that repeats the last element, [3, 3, 2, 1, 1, 2, 3].
   * - 'wrap': the other end, [3, 1, 2, 3, 1, 2, 3].
   */
  mode?: 'constant' | 'edge' | 'reflect' | 'symmetric' | 'wrap';
  /** The number that 'constant' adds. Default 0. */
  value?: number;
}

/**
 * Pads axes at their ends, or crops them. At least one of the input's elements along each axis must remain.
 * The gradient of an element that was repeated is the sum over its copies.
 */
export const pad: Contract<PadAttributes> = {
  inputs: 'one',
  attributes: { before: 'required', after: 'required', mode: 'optional', value: 'optional' },
  parameters: {},
  outputShapes({ attributes: { before, after }, inputs: [input], fail }) {
    const left = input.map((size, axis) => size + Math.min(before[axis], 0) + Math.min(after[axis], 0));
    if (left.some((size) => size < 1))
      fail('SHAPE_MISMATCH', `cropping ${showShape(input)} leaves nothing; crop less.`);
    return [input.map((size, axis) => size + before[axis] + after[axis])];
  },
};
