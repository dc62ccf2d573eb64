import { checkAttributes, checkNoParameters, finiteNumber } from '../checks.js';
import type { Op } from '../op.js';

export const rescaling: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['scale', 'offset']);
    checkNoParameters(node);
    finiteNumber(node, 'scale');
    finiteNumber(node, 'offset');
    return input;
  },
  forward({ node, input, output }) {
    const { scale, offset } = node.attributes as { scale: number; offset: number };
    for (let i = 0; i < input.length; i++) output[i] = input[i] * scale + offset;
  },
  backward({ node, outputGradient, inputGradient }) {
    const { scale } = node.attributes as { scale: number };
    for (let i = 0; i < outputGradient.length; i++) inputGradient[i] = outputGradient[i] * scale;
  },
};
