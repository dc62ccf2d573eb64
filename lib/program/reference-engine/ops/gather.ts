import { checkShape, elementCount, wholeNumber, wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

export const gather: Op<'gather'> = {
  check(node) {
    wholeNumber(node, 'axis', 0);
    const { indicesShape } = node.attributes;
    checkShape(node, indicesShape, 'indicesShape');
    wholeNumbers(node, 'indices', elementCount(indicesShape), 0);
  },
  ...copying(({ node }, position) => {
    const { axis, indices, indicesShape } = node.attributes;
    const index = indicesShape.reduce((sum, size, i) => sum * size + position[axis + i], 0);
    return [...position.slice(0, axis), indices[index], ...position.slice(axis + indicesShape.length)];
  }),
};
