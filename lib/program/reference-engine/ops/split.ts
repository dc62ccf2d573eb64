import { wholeNumber, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { forEachElement } from '../parts.js';

const partsOf = ({ node, samples, inputShape, outputs }: ForwardCall<'split'>) => ({
  samples,
  shape: inputShape,
  axis: node.attributes.axis,
  parts: outputs,
});

export const split: Op<'split'> = {
  check(node) {
    wholeNumber(node, 'axis', 0);
    const { sizes } = node.attributes;
    wholeNumbers(node, 'sizes', Array.isArray(sizes) ? Math.max(1, sizes.length) : 1, 1);
  },
  forward(call) {
    forEachElement(partsOf(call), (output, to, from) => {
      call.outputs[output][to] = call.input[from];
    });
  },
  backward(call) {
    forEachElement(partsOf(call), (output, to, from) => {
      call.inputGradient[from] = call.outputGradients[output][to];
    });
  },
};
