import { wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

const LEAST = 1 - 2 ** 31;

export const pad: Op<'pad'> = {
  check(node, input) {
    wholeNumbers(node, 'before', input.length, LEAST);
    wholeNumbers(node, 'after', input.length, LEAST);
  },
  ...copying(({ node, inputShape }, position) => {
    const { before } = node.attributes;
    const from = position.map((at, axis) => at - before[axis]);
    return from.every((at, axis) => at >= 0 && at < inputShape[axis]) ? from : undefined;
  }),
};
