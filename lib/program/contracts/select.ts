import { broadcastShapes } from './broadcast-shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `select`: none. */
export type SelectAttributes = Record<never, never>;

/**
 * Takes elements of the second input where the first input, the condition, is not 0, else of the third input.
 * The three inputs are repeated as those of `binary` are. The gradient by the condition is 0.
 */
export const select: Contract<SelectAttributes> = {
  inputs: 'several',
  attributes: {},
  parameters: {},
  outputShapes(query) {
    const { inputs, fail } = query;
    if (inputs.length !== 3) fail('INVALID_ARGUMENT', `select takes three inputs, not ${inputs.length}.`);
    return [broadcastShapes(query, inputs)];
  },
};
