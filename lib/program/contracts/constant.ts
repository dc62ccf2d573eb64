import type { Contract } from './contract.js';

/** Attributes of `constant`: none. */
export type ConstantAttributes = Record<never, never>;

/**
 * Gives the parameter value, of one axis or more, for each sample. Of its input only the number of samples
 * counts: its values aren't read, and its gradient is 0. The gradient of the parameter is the sum over the
 * samples.
 */
export const constant: Contract<ConstantAttributes, 'value'> = {
  inputs: 'one',
  attributes: {},
  parameters: { value: 'required' },
  outputShapes({ parameters: { value = [] }, fail }) {
    if (value.length === 0) fail('SHAPE_MISMATCH', 'value has shape []; it needs one axis or more.');
    return [value];
  },
};
