import { wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

const LEAST = 1 - 2 ** 31;

export const pad: Op<'pad'> = {
  check(node, input) {
    wholeNumbers(node, 'before', input.length, LEAST);
    wholeNumbers(node, 'after', input.length, LEAST);
  },
  ...copying(({ node, inputShape }, place) => {
    const { before } = node.attributes;
    const from = place.map((at, axis) => at - before[axis]);
    return from.every((at, axis) => at >= 0 && at < inputShape[axis]) ? from : undefined;
  }),
};
