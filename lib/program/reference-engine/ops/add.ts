import { checkAttributes, checkNoParameters, fail, sameShape, show } from '../checks.js';
import type { Op } from '../op.js';

export const add: Op = {
  takesSeveral: true,
  outputShape(node, first, ...others) {
    checkAttributes(node, []);
    checkNoParameters(node);
    for (const shape of others) {
      if (!sameShape(shape, first)) {
        fail(node, 'SHAPE_MISMATCH', `add takes inputs of one shape, not ${show(first)} and ${show(shape)}.`);
      }
    }
    return first;
  },
  forward({ inputs, output }) {
    for (let i = 0; i < output.length; i++) {
      let sum = 0;
      for (const input of inputs) sum += input[i];
      output[i] = sum;
    }
  },
  backward({ outputGradient, inputGradients }) {
    for (const inputGradient of inputGradients) inputGradient.set(outputGradient);
  },
};
