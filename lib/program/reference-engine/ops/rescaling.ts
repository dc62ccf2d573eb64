import { finiteNumber } from '../checks.js';
import type { Op } from '../op.js';

export const rescaling: Op<'rescaling'> = {
  check(node) {
    finiteNumber(node, 'scale');
    finiteNumber(node, 'offset');
  },
  forward({ node, input, output }) {
    const { scale, offset } = node.attributes;
    for (let i = 0; i < input.length; i++) output[i] = input[i] * scale + offset;
  },
  backward({ node, outputGradient, inputGradient }) {
    const { scale } = node.attributes;
    for (let i = 0; i < outputGradient.length; i++) inputGradient[i] = outputGradient[i] * scale;
  },
};
