import { elementCount, wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { checkEpsilon, differentiate, normalize, type Sets, takeStatistics } from './normalization.js';

/** Normalizes each row, the last axes, as one set. */
export const layerNormalization: Op<'layerNormalization'> = {
  check(node) {
    checkEpsilon(node);
    wholeNumber(node, 'axes', 1);
  },
  forward(call) {
    const sets = setsByRow(call);
    normalize(call, sets, takeStatistics(call.input, sets));
  },
  backward(call) {
    const sets = setsByRow(call);
    differentiate(call, sets, takeStatistics(call.input, sets), true);
  },
};

function setsByRow({ node, input, inputShape }: ForwardCall<'layerNormalization'>): Sets {
  const length = elementCount(inputShape.slice(-node.attributes.axes));
  return {
    count: input.length / length,
    setOf: (element) => Math.floor(element / length),
    channelOf: (element) => element % length,
  };
}
