import { fail, wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

export const slice: Op<'slice'> = {
  check(node, input) {
    wholeNumbers(node, 'starts', input.length, 0);
    wholeNumbers(node, 'sizes', input.length, 1);
    const steps = wholeNumbers(node, 'steps', input.length, 1 - 2 ** 31);
    if (steps.includes(0)) fail(node, 'INVALID_ARGUMENT', 'steps takes numbers other than 0.');
  },
  ...copying(({ node }, position) => {
    const { starts, steps } = node.attributes;
    return position.map((at, axis) => starts[axis] + at * steps[axis]);
  }),
};
