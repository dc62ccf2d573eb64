import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `fold`: none. */
export type FoldAttributes = Record<never, never>;

/**
 * Makes samples of the steps of a sample [steps, ...shape]: step t of sample i becomes sample i * steps + t. Nodes behind it are
 * computed for `steps` times as many samples. What counts samples (statistics of a batch, random draws) counts these. The inputs of
 * a node must be folded alike, and the program's outputs not at all: see `unfold`.
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
