import { checkFlag, elementCount, wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import type { FloatArray } from '../precision.js';

export const cumsum: Op<'cumsum'> = {
  check(node) {
    wholeNumber(node, 'axis', 0);
    checkFlag(node, 'exclusive');
    checkFlag(node, 'reverse');
  },
  forward: (call) => addUp(call, call.input, call.output, call.node.attributes.reverse ?? false),
  backward: (call) =>
    addUp(call, call.outputGradient, call.inputGradient, !(call.node.attributes.reverse ?? false)),
};

function addUp({ node, inputShape }: ForwardCall<'cumsum'>, x: FloatArray, y: FloatArray, reverse: boolean) {
  const { axis, exclusive } = node.attributes;
  const length = inputShape[axis];
  const step = elementCount(inputShape.slice(axis + 1));
  for (let first = 0; first < x.length; first++) {
    if (Math.floor(first / step) % length !== 0) continue;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const at = first + (reverse ? length - 1 - i : i) * step;
      const before = sum;
      sum += x[at];
      y[at] = exclusive ? before : sum;
    }
  }
}
