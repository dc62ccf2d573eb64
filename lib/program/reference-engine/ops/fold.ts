import { checkAttributes, checkNoParameters, fail, show, wholeNumber } from '../checks.js';
import type { Op } from '../op.js';

/** In memory the steps of a sample lie as samples do. */
const copy: Pick<Op, 'forward' | 'backward'> = {
  forward({ input, output }) {
    output.set(input);
  },
  backward({ outputGradient, inputGradient }) {
    inputGradient.set(outputGradient);
  },
};

export const fold: Op = {
  ...copy,
  outputShape(node, input) {
    checkAttributes(node, []);
    checkNoParameters(node);
    if (input.length < 2)
      fail(node, 'SHAPE_MISMATCH', `${show(input)} has no steps; it must have two axes or more.`);
    return input.slice(1);
  },
  folds: (_node, before, input) => before * input[0],
};

export const unfold: Op = {
  ...copy,
  outputShape(node, input) {
    checkAttributes(node, ['steps']);
    checkNoParameters(node);
    return [wholeNumber(node, 'steps', 1), ...input];
  },
  folds(node, before) {
    const steps = wholeNumber(node, 'steps', 1);
    if (before % steps === 0) return before / steps;
    return fail(
      node,
      'INVALID_ARGUMENT',
      `its input has ${before} steps of a sample, which are no multiple of ${steps}.`,
    );
  },
};
