import { checkAttributes, checkNoParameters, fail } from '../checks.js';
import type { FloatArray } from '../precision.js';
import type { Op } from '../op.js';

/** Below this sum of squares a vector is only scaled. */
const LEAST_SQUARE = 1e-12;

function dot(a: FloatArray, b: FloatArray, first: number, length: number): number {
  let sum = 0;
  for (let i = first; i < first + length; i++) sum += a[i] * b[i];
  return sum;
}

/** x / |x| along the last axis. */
export const unitLength: Op = {
  outputShape(node, input) {
    checkAttributes(node, []);
    checkNoParameters(node);
    if (input.length === 0) fail(node, 'SHAPE_MISMATCH', 'unitLength takes values of one axis or more.');
    return input;
  },
  forward({ inputShape, input, output }) {
    const length = inputShape[inputShape.length - 1];
    for (let first = 0; first < input.length; first += length) {
      const norm = Math.sqrt(Math.max(dot(input, input, first, length), LEAST_SQUARE));
      for (let i = first; i < first + length; i++) output[i] = input[i] / norm;
    }
  },
  backward({ inputShape, input, outputGradient, inputGradient }) {
    const length = inputShape[inputShape.length - 1];
    for (let first = 0; first < input.length; first += length) {
      const square = dot(input, input, first, length);
      const norm = Math.sqrt(Math.max(square, LEAST_SQUARE));
      const along = square > LEAST_SQUARE ? dot(input, outputGradient, first, length) / square : 0;
      for (let i = first; i < first + length; i++) {
        inputGradient[i] = (outputGradient[i] - input[i] * along) / norm;
      }
    }
  },
};
