import type { Contract } from './contract.js';

/** Attributes of `unfold`. */
export interface UnfoldAttributes {
  /** How many samples become the steps of one sample. */
  steps: number;
}

/** The inverse of `fold`: turns samples back into the steps of samples [steps, ...shape]. */
export const unfold: Contract<UnfoldAttributes> = {
  inputs: 'one',
  attributes: { steps: 'required' },
  parameters: {},
  outputShapes: ({ attributes: { steps }, inputs: [input] }) => [[steps, ...input]],
};
