import { BINARY_FUNCTIONS, BINARY_KINDS } from '../binary-functions.js';
import { forEachRepeated, perSample } from '../broadcast-indexes.js';
import { oneOf } from '../checks.js';
import type { Op } from '../op.js';

export const binary: Op<'binary'> = {
  check: (node) => void oneOf(node, 'kind', BINARY_KINDS),
  forward({ node, samples, inputs: [a, b], inputShapes, output, outputShape }) {
    const { f } = BINARY_FUNCTIONS[node.attributes.kind];
    forEachRepeated(outputShape, samples, perSample(inputShapes), (to, [i, j]) => {
      output[to] = f(a[i], b[j]);
    });
  },
  backward({ node, samples, inputs: [a, b], inputShapes, outputShape, outputGradient, inputGradients }) {
    const { byA, byB } = BINARY_FUNCTIONS[node.attributes.kind];
    const [aSums, bSums] = inputGradients.map(({ length }) => new Float64Array(length));
    forEachRepeated(outputShape, samples, perSample(inputShapes), (to, [i, j]) => {
      aSums[i] += outputGradient[to] * byA(a[i], b[j]);
      bSums[j] += outputGradient[to] * byB(a[i], b[j]);
    });
    inputGradients[0].set(aSums);
    inputGradients[1].set(bSums);
  },
};
