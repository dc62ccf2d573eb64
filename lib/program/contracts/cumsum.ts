import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `cumsum`. */
export interface CumsumAttributes {
  /** The axis, without the batch, from 0. */
  axis: number;
  /** Whether an element counts only in the sums after its own, so that the first sum is 0. Default false. */
  exclusive?: boolean;
  /** Whether to add from the end. Default false. */
  reverse?: boolean;
}

/** The sums of the elements along an axis up to each one, computed in double precision. */
export const cumsum: Contract<CumsumAttributes> = {
  inputs: 'one',
  attributes: { axis: 'required', exclusive: 'optional', reverse: 'optional' },
  parameters: {},
  outputShapes({ attributes: { axis }, inputs: [input], fail }) {
    if (axis >= input.length) fail('INVALID_ARGUMENT', `there is no axis ${axis} in ${showShape(input)}.`);
    return [input];
  },
};
