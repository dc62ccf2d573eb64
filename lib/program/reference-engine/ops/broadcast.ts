import { checkAttributes, checkNoParameters, checkShape, fail, show } from '../checks.js';
import { copying } from '../strided.js';

export const broadcast = copying(
  (node, input) => {
    checkAttributes(node, []);
    checkNoParameters(node);
    checkShape(node, node.shape, 'the output');
    const fits = input.every((size, axis) => size === 1 || size === node.shape[axis]);
    if (node.shape.length !== input.length || !fits) {
      fail(node, 'SHAPE_MISMATCH', `${show(input)} can't be repeated to ${show(node.shape)}.`);
    }
    return node.shape;
  },
  ({ inputShape }, place) => place.map((at, axis) => (inputShape[axis] === 1 ? 0 : at)),
);
