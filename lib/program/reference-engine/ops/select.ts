import { forEachRepeated, perSample } from '../broadcast-indexes.js';
import type { Op } from '../op.js';

export const select: Op<'select'> = {
  forward({ samples, inputs: [condition, a, b], inputShapes, output, outputShape }) {
    forEachRepeated(outputShape, samples, perSample(inputShapes), (to, [c, i, j]) => {
      output[to] = condition[c] !== 0 ? a[i] : b[j];
    });
  },
  backward({ samples, inputs: [condition], inputShapes, outputShape, outputGradient, inputGradients }) {
    const sums = inputGradients.map(({ length }) => new Float64Array(length));
    forEachRepeated(outputShape, samples, perSample(inputShapes), (to, [c, i, j]) => {
      if (condition[c] !== 0) sums[1][i] += outputGradient[to];
      else sums[2][j] += outputGradient[to];
    });
    sums.forEach((each, input) => void inputGradients[input].set(each));
  },
};
