import type { NodeDescription } from '../../description.js';
import { fail, show } from '../checks.js';
import type { Op } from '../op.js';

function checkNumbers(node: NodeDescription, name: string, values: unknown): void {
  if (!Array.isArray(values) || !values.every((value) => Number.isFinite(Math.fround(value)))) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${show(values)}; it must be a list of finite numbers.`);
  }
}

export const standardize: Op<'standardize'> = {
  check(node) {
    checkNumbers(node, 'mean', node.attributes.mean);
    checkNumbers(node, 'scale', node.attributes.scale);
  },
  forward({ node, input, output }) {
    const { mean, scale } = node.attributes;
    for (let i = 0; i < input.length; i++) {
      const c = i % mean.length;
      output[i] = (input[i] - Math.fround(mean[c])) * Math.fround(scale[c]);
    }
  },
  backward({ node, outputGradient, inputGradient }) {
    const { scale } = node.attributes;
    for (let i = 0; i < inputGradient.length; i++) {
      inputGradient[i] = outputGradient[i] * Math.fround(scale[i % scale.length]);
    }
  },
};
