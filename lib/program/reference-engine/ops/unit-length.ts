import type { NodeDescription } from '../../description.js';
import { checkAttributes, checkNoParameters, fail, finiteNumber } from '../checks.js';
import type { FloatArray } from '../precision.js';
import type { Op } from '../op.js';

/** Below this sum of squares a vector is only scaled. */
function leastSquare(node: NodeDescription): number {
  return node.attributes.leastSquare === undefined ? 1e-12 : finiteNumber(node, 'leastSquare');
}

function dot(a: FloatArray, b: FloatArray, first: number, length: number): number {
  let sum = 0;
  for (let i = first; i < first + length; i++) sum += a[i] * b[i];
  return sum;
}

/** x / |x| along the last axis. */
export const unitLength: Op = {
  outputShape(node, input) {
    checkAttributes(node, [], ['leastSquare']);
    if (!(leastSquare(node) > 0)) fail(node, 'INVALID_ARGUMENT', 'leastSquare must be above 0.');
    checkNoParameters(node);
    if (input.length === 0) fail(node, 'SHAPE_MISMATCH', 'unitLength takes values of one axis or more.');
    return input;
  },
  forward({ node, inputShape, input, output }) {
    const least = leastSquare(node);
    const length = inputShape[inputShape.length - 1];
    for (let first = 0; first < input.length; first += length) {
      const norm = Math.sqrt(Math.max(dot(input, input, first, length), least));
      for (let i = first; i < first + length; i++) output[i] = input[i] / norm;
    }
  },
  backward({ node, inputShape, input, outputGradient, inputGradient }) {
    const least = leastSquare(node);
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
