import { wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

export const permute: Op<'permute'> = {
  check: (node, input) => void wholeNumbers(node, 'axes', input.length, 0),
  ...copying(({ node }, position) => {
    const { axes } = node.attributes;
    return position.map((_, axis) => position[axes.indexOf(axis)]);
  }),
};
