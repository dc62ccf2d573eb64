import type { Contract } from './contract.js';

/** Attributes of `unfold`. */
export interface UnfoldAttributes {
  /** How many samples become the steps of one. */
  steps: number;
}

/** Takes back what `fold` does: samples become the steps of a sample again, [steps, ...shape]. */
export const unfold: Contract<UnfoldAttributes> = {
  inputs: 'one',
  attributes: { steps: 'required' },
  parameters: {},
  outputShapes: ({ attributes: { steps }, inputs: [input] }) => [[steps, ...input]],
};
