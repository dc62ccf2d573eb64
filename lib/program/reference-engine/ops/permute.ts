import { checkAttributes, checkNoParameters, fail, show, wholeNumbers } from '../checks.js';
import { copying } from '../strided.js';

export const permute = copying(
  (node, input) => {
    checkAttributes(node, ['axes']);
    checkNoParameters(node);
    const axes = wholeNumbers(node, 'axes', input.length, 0);
    if (!input.every((_, axis) => axes.includes(axis))) {
      fail(
        node,
        'INVALID_ARGUMENT',
        `axes ${show(axes)} must name each axis of ${show(input)} once, from 0 on.`,
      );
    }
    return axes.map((axis) => input[axis]);
  },
  ({ node }, place) => {
    const axes = node.attributes.axes as readonly number[];
    return place.map((_, axis) => place[axes.indexOf(axis)]);
  },
);
