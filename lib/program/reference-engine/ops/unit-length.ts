import { fail, finiteNumber } from '../checks.js';
import type { FloatArray } from '../precision.js';
import type { Op } from '../op.js';

/** A vector with a smaller sum of squares is scaled by a constant. */
const MIN_SQUARE = 1e-12;

function dot(a: FloatArray, b: FloatArray, first: number, length: number): number {
  let sum = 0;
  for (let i = first; i < first + length; i++) sum += a[i] * b[i];
  return sum;
}

/** x / |x| along the last axis. */
export const unitLength: Op<'unitLength'> = {
  check(node) {
    if ('leastSquare' in node.attributes && finiteNumber(node, 'leastSquare') <= 0)
      fail(node, 'INVALID_ARGUMENT', 'leastSquare must be above 0.');
  },
  forward({ node, inputShape, input, output }) {
    const { leastSquare: least = MIN_SQUARE } = node.attributes;
    const length = inputShape[inputShape.length - 1];
    for (let first = 0; first < input.length; first += length) {
      const norm = Math.sqrt(Math.max(dot(input, input, first, length), least));
      for (let i = first; i < first + length; i++) output[i] = input[i] / norm;
    }
  },
  backward({ node, inputShape, input, outputGradient, inputGradient }) {
    const { leastSquare: least = MIN_SQUARE } = node.attributes;
    const length = inputShape[inputShape.length - 1];
    for (let first = 0; first < input.length; first += length) {
      const square = dot(input, input, first, length);
      const norm = Math.sqrt(Math.max(square, least));
      const along = square > least ? dot(input, outputGradient, first, length) / square : 0;
      for (let i = first; i < first + length; i++) {
        inputGradient[i] = (outputGradient[i] - input[i] * along) / norm;
      }
    }
  },
};
