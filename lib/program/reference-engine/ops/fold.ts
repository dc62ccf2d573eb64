import type { Op } from '../op.js';

/** In memory the steps of a sample lie as samples do. */
export const fold: Op<'fold'> = {
  folds: (_node, before, input) => before * input[0],
  forward({ input, output }) {
    output.set(input);
  },
  backward({ outputGradient, inputGradient }) {
    inputGradient.set(outputGradient);
  },
};
