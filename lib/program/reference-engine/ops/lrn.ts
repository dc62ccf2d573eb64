import { finiteNumber, wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** Of each element, the base of the power. */
function basesOf({ node, inputShape, input }: ForwardCall<'lrn'>): Float64Array {
  const { size, alpha, bias } = node.attributes;
  const sums = new Float64Array(input.length);
  forEachNeighbour(inputShape[inputShape.length - 1], size, input.length, (at, other) => {
    sums[at] += input[other] ** 2;
  });
  return sums.map((sum) => bias + (alpha / size) * sum);
}

/** Calls visit(element, neighbour) for each channel in the window of each element. */
function forEachNeighbour(
  channels: number,
  size: number,
  elements: number,
  visit: (at: number, other: number) => void,
): void {
  for (let at = 0; at < elements; at++) {
    const channel = at % channels;
    const first = Math.max(channel - Math.floor((size - 1) / 2), 0);
    const last = Math.min(channel + Math.ceil((size - 1) / 2), channels - 1);
    for (let other = first; other <= last; other++) visit(at, at - channel + other);
  }
}

export const lrn: Op<'lrn'> = {
  check(node) {
    wholeNumber(node, 'size', 1);
    for (const name of ['alpha', 'beta', 'bias']) finiteNumber(node, name);
  },
  forward(call) {
    const bases = basesOf(call);
    const { beta } = call.node.attributes;
    for (let i = 0; i < bases.length; i++) call.output[i] = call.input[i] / bases[i] ** beta;
  },
  backward(call) {
    const { node, inputShape, input, outputGradient, inputGradient } = call;
    const { size, alpha, beta } = node.attributes;
    const bases = basesOf(call);
    const sums = bases.map((base, i) => outputGradient[i] / base ** beta);
    const shares = bases.map((base, i) => outputGradient[i] * input[i] * base ** (-beta - 1));
    forEachNeighbour(inputShape[inputShape.length - 1], size, input.length, (at, other) => {
      sums[other] -= ((2 * alpha * beta) / size) * input[other] * shares[at];
    });
    inputGradient.set(sums);
  },
};
