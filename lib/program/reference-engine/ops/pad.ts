import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, checkNoParameters, checkShape, fail, show, wholeNumbers } from '../checks.js';
import { copying } from '../strided.js';

/** Zeros to add at one end of each axis, or, below zero, elements to leave out. */
function cellsOf(node: NodeDescription, name: string, input: Shape): number[] {
  return wholeNumbers(node, name, input.length, 1 - 2 ** 31);
}

export const pad = copying(
  (node, input) => {
    checkAttributes(node, ['before', 'after']);
    checkNoParameters(node);
    const before = cellsOf(node, 'before', input);
    const after = cellsOf(node, 'after', input);
    if (input.some((size, axis) => size + Math.min(before[axis], 0) + Math.min(after[axis], 0) < 1)) {
      fail(node, 'SHAPE_MISMATCH', `nothing of ${show(input)} would be left in one of its axes.`);
    }
    const output = input.map((size, axis) => size + before[axis] + after[axis]);
    checkShape(node, output, 'the output');
    return output;
  },
  ({ node, inputShape }, place) => {
    const before = node.attributes.before as readonly number[];
    const from = place.map((at, axis) => at - before[axis]);
    return from.every((at, axis) => at >= 0 && at < inputShape[axis]) ? from : undefined;
  },
);
