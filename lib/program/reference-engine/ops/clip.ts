import type { AttributesOf } from '../../description.js';
import { finiteNumber } from '../checks.js';
import type { Op } from '../op.js';

export const clip: Op<'clip'> = {
  check(node) {
    for (const name of ['min', 'max']) if (name in node.attributes) finiteNumber(node, name);
  },
  forward({ node, input, output }) {
    const [min, max] = limitsOf(node.attributes);
    for (let i = 0; i < input.length; i++) output[i] = Math.min(Math.max(input[i], min), max);
  },
  backward({ node, input, outputGradient, inputGradient }) {
    const [min, max] = limitsOf(node.attributes);
    for (let i = 0; i < input.length; i++)
      inputGradient[i] = input[i] < min || input[i] > max ? 0 : outputGradient[i];
  },
};

/** In float32, as the inputs are, so that a limit equals itself. */
function limitsOf({ min = -Infinity, max = Infinity }: AttributesOf<'clip'>): [min: number, max: number] {
  return [Math.fround(min), Math.fround(max)];
}
