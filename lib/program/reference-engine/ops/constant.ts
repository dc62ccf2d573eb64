import type { Op } from '../op.js';

export const constant: Op<'constant'> = {
  forward({ samples, output, parameters: [value] }) {
    for (let n = 0; n < samples; n++) output.set(value, n * value.length);
  },
  backward({ outputGradient, parameterGradients: [gradient] }) {
    const sums = new Float64Array(gradient.length);
    for (let i = 0; i < outputGradient.length; i++) sums[i % sums.length] += outputGradient[i];
    gradient.set(sums);
  },
};
