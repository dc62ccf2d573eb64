import { elementCount, wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { checkEpsilon, differentiate, normalize, type Sets, takeStatistics } from './normalization.js';

/** Normalizes each group of each sample as one set. */
export const groupNormalization: Op<'groupNormalization'> = {
  check(node) {
    checkEpsilon(node);
    wholeNumber(node, 'groups', 1);
  },
  forward(call) {
    const sets = setsByGroup(call);
    normalize(call, sets, takeStatistics(call.input, sets));
  },
  backward(call) {
    const sets = setsByGroup(call);
    differentiate(call, sets, takeStatistics(call.input, sets), true);
  },
};

function setsByGroup({ node, samples, inputShape }: ForwardCall<'groupNormalization'>): Sets {
  const channels = inputShape[inputShape.length - 1];
  const { groups } = node.attributes;
  const size = elementCount(inputShape);
  const channelOf = (element: number) => element % channels;
  return {
    count: samples * groups,
    setOf: (element) =>
      Math.floor(element / size) * groups + Math.floor((channelOf(element) * groups) / channels),
    channelOf,
  };
}
