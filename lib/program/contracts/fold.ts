import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `fold`: none. */
export type FoldAttributes = Record<never, never>;

/**
 * Turns the steps of each sample [steps, ...shape] into samples: step t of sample i becomes sample i * steps
 * + t. Later nodes compute `steps` times as many samples, and whatever counts samples (statistics of a batch,
 * random draws) counts these. All inputs of a node must be folded alike. Outputs of the program must not be
 * folded: see `unfold`.
 */
export const fold: Contract<FoldAttributes> = {
  inputs: 'one',
  attributes: {},
  parameters: {},
  outputShapes({ inputs: [input], fail }) {
    if (input.length < 2)
      fail('SHAPE_MISMATCH', `${showShape(input)} has no steps; it must have two axes or more.`);
    return [input.slice(1)];
  },
};
