import { fail, wholeNumber } from '../checks.js';
import type { Op } from '../op.js';

/** Steps of a sample are laid out in memory like samples, so unfold copies its input. */
export const unfold: Op<'unfold'> = {
  check: (node) => void wholeNumber(node, 'steps', 1),
  folds(node, before) {
    const { steps } = node.attributes;
    if (before % steps === 0) return before / steps;
    return fail(
      node,
      'INVALID_ARGUMENT',
      `its input has ${before} steps of a sample, which is not a multiple of ${steps}.`,
    );
  },
  forward({ input, output }) {
    output.set(input);
  },
  backward({ outputGradient, inputGradient }) {
    inputGradient.set(outputGradient);
  },
};
