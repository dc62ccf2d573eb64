import { checkAttributes, checkNoParameters, checkShape, elementCount, fail, show } from '../checks.js';
import type { Op } from '../op.js';

export const reshape: Op = {
  outputShape(node, input) {
    checkAttributes(node, []);
    checkNoParameters(node);
    checkShape(node, node.shape, 'the output');
    if (elementCount(node.shape) !== elementCount(input)) {
      fail(
        node,
        'SHAPE_MISMATCH',
        `${show(input)} has ${elementCount(input)} elements, ${show(node.shape)} has ${elementCount(node.shape)}.`,
      );
    }
    return node.shape;
  },
  forward({ input, output }) {
    output.set(input);
  },
  backward({ outputGradient, inputGradient }) {
    inputGradient.set(outputGradient);
  },
};
