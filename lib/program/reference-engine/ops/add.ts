import type { Op } from '../op.js';

export const add: Op<'add'> = {
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
