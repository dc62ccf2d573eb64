import { checkFlag, fail, finiteNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import {
  checkEpsilon,
  differentiate,
  normalize,
  type Sets,
  type Statistics,
  takeStatistics,
} from './normalization.js';

type Call = ForwardCall<'batchNormalization'>;

/** Normalizes each channel as one set. */
export const batchNormalization: Op<'batchNormalization'> = {
  check(node) {
    checkEpsilon(node);
    checkFlag(node, 'frozen');
    checkFlag(node, 'always');
    const momentum = finiteNumber(node, 'momentum');
    if (momentum < 0 || momentum > 1)
      fail(node, 'INVALID_ARGUMENT', `momentum is ${momentum}; it must be in [0, 1].`);
  },
  forward(call) {
    const sets = setsByChannel(call);
    const statistics = batchStatistics(call, sets);
    if (takesStatistics(call)) call.atEnd(() => keepStatistics(call, statistics));
    normalize(call, sets, statistics);
  },
  backward(call) {
    const sets = setsByChannel(call);
    differentiate(call, sets, batchStatistics(call, sets), takesStatistics(call));
  },
};

function setsByChannel({ inputShape }: Call): Sets {
  const channels = inputShape[inputShape.length - 1];
  const channelOf = (element: number) => element % channels;
  return { count: channels, setOf: channelOf, channelOf };
}

/** Whether to use the batch's statistics instead of the moving ones. */
function takesStatistics({ node, training }: Call): boolean {
  return training && node.attributes.frozen !== true;
}

function batchStatistics(call: Call, sets: Sets): Statistics {
  if (takesStatistics(call)) return takeStatistics(call.input, sets);
  const [mean, variance] = call.parameters.slice(-2);
  return { mean: Float64Array.from(mean), variance: Float64Array.from(variance) };
}

function keepStatistics({ node, parameters }: Call, { mean, variance }: Statistics): void {
  const { momentum } = node.attributes;
  const [movingMean, movingVariance] = parameters.slice(-2);
  for (let i = 0; i < mean.length; i++) {
    movingMean[i] = movingMean[i] * momentum + mean[i] * (1 - momentum);
    movingVariance[i] = movingVariance[i] * momentum + variance[i] * (1 - momentum);
  }
}
