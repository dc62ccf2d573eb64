import { checkShape } from '../checks.js';
import type { Op } from '../op.js';

export const reshape: Op<'reshape'> = {
  check: (node) => checkShape(node, node.attributes.shape, 'the output'),
  forward({ input, output }) {
    output.set(input);
  },
  backward({ outputGradient, inputGradient }) {
    inputGradient.set(outputGradient);
  },
};
