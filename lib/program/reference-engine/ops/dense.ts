import type { Op } from '../op.js';
import { sumRows } from '../sum-rows.js';

/**
 * x [..., inputs], kernel [inputs, units], bias [units], y [..., units]. A row is the last axis at one index
 * of the others.
 */
export const dense: Op<'dense'> = {
  forward({ node, input, output, parameters }) {
    const [inputs, units] = node.parameters[0].shape;
    const [kernel, bias] = parameters;
    const rows = output.length / units;
    const sums = new Float64Array(units);
    for (let row = 0; row < rows; row++) {
      sums.fill(0);
      if (bias) sums.set(bias);
      for (let i = 0; i < inputs; i++) {
        const value = input[row * inputs + i];
        const k = i * units;
        for (let u = 0; u < units; u++) sums[u] += value * kernel[k + u];
      }
      output.set(sums, row * units);
    }
  },

  backward({ node, input, parameters, outputGradient, inputGradient, parameterGradients }) {
    const [inputs, units] = node.parameters[0].shape;
    const kernel = parameters[0];
    const rows = outputGradient.length / units;
    const kernelSums = new Float64Array(kernel.length);
    for (let row = 0; row < rows; row++) {
      const dy = row * units;
      for (let i = 0; i < inputs; i++) {
        const value = input[row * inputs + i];
        const k = i * units;
        let sum = 0;
        for (let u = 0; u < units; u++) {
          const gradient = outputGradient[dy + u];
          kernelSums[k + u] += value * gradient;
          sum += kernel[k + u] * gradient;
        }
        inputGradient[row * inputs + i] = sum;
      }
    }
    const [kernelGradient, biasGradient] = parameterGradients;
    kernelGradient.set(kernelSums);
    if (biasGradient) sumRows(outputGradient, biasGradient);
  },
};
