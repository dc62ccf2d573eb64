import type { NodeDescription } from '../../description.js';
import type { Op } from '../op.js';

function rowOf(node: NodeDescription<'embedding'>, index: number): number | undefined {
  const rows = node.parameters[0].shape[0];
  return Number.isInteger(index) && index >= 0 && index < rows ? index : undefined;
}

/** Looks up rows of embeddings [inputs, outputs] by the numbers in x. */
export const embedding: Op<'embedding'> = {
  forward({ node, input, output, parameters }) {
    const width = node.parameters[0].shape[1];
    input.forEach((index, i) => {
      const row = rowOf(node, index);
      for (let c = 0; c < width; c++) {
        output[i * width + c] = row === undefined ? Number.NaN : parameters[0][row * width + c];
      }
    });
  },
  backward({ node, input, outputGradient, parameterGradients }) {
    const width = node.parameters[0].shape[1];
    const sums = new Float64Array(parameterGradients[0].length);
    input.forEach((index, i) => {
      const row = rowOf(node, index);
      if (row === undefined) return;
      for (let c = 0; c < width; c++) sums[row * width + c] += outputGradient[i * width + c];
    });
    parameterGradients[0].set(sums);
  },
};
