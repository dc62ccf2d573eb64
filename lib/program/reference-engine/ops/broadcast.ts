import { checkShape } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

export const broadcast: Op<'broadcast'> = {
  check: (node) => checkShape(node, node.attributes.shape, 'the output'),
  ...copying(({ inputShape }, position) => position.map((at, axis) => (inputShape[axis] === 1 ? 0 : at))),
};
