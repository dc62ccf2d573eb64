import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/**
 * Attributes of `standardize`. Each has a number per element of the input's last axis, rounded to float32.
 */
export interface StandardizeAttributes {
  /** The numbers to subtract. */
  mean: readonly number[];
  /** The factors of the differences. */
  scale: readonly number[];
}

/** (x - mean[c]) * scale[c] for each element c of the last axis. */
export const standardize: Contract<StandardizeAttributes> = {
  inputs: 'one',
  attributes: { mean: 'required', scale: 'required' },
  parameters: {},
  outputShapes({ attributes, inputs: [input], fail }) {
    const channels = input[input.length - 1];
    for (const [name, { length }] of Object.entries(attributes)) {
      if (length !== channels)
        fail('SHAPE_MISMATCH', `${name} has ${length} numbers; ${showShape(input)} needs ${channels}.`);
    }
    return [input];
  },
};
