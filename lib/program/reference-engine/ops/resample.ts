import { elementCount, fail, wholeNumber, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** Calls visit(from, to, weight) for each term of each output. */
function forEachTerm(
  { node, samples, inputShape }: ForwardCall<'resample'>,
  visit: (from: number, to: number, weight: number) => void,
): void {
  const { axis, size, taps, indices, weights } = node.attributes;
  const inner = elementCount(inputShape.slice(axis + 1));
  const outer = samples * elementCount(inputShape.slice(0, axis));
  for (let row = 0; row < outer; row++) {
    for (let term = 0; term < size * taps; term++) {
      if (weights[term] === 0) continue;
      const from = (row * inputShape[axis] + indices[term]) * inner;
      const to = (row * size + Math.floor(term / taps)) * inner;
      for (let i = 0; i < inner; i++) visit(from + i, to + i, weights[term]);
    }
  }
}

export const resample: Op<'resample'> = {
  check(node) {
    wholeNumber(node, 'axis', 0);
    const count = wholeNumber(node, 'size', 1) * wholeNumber(node, 'taps', 1);
    wholeNumbers(node, 'indices', count, 0);
    const { weights } = node.attributes;
    if (!Array.isArray(weights) || weights.length !== count || !weights.every(Number.isFinite))
      fail(node, 'INVALID_ARGUMENT', `weights must be ${count} finite numbers.`);
  },
  forward(call) {
    const sums = new Float64Array(call.output.length);
    forEachTerm(call, (from, to, weight) => {
      sums[to] += weight * call.input[from];
    });
    call.output.set(sums);
  },
  backward(call) {
    const sums = new Float64Array(call.inputGradient.length);
    forEachTerm(call, (from, to, weight) => {
      sums[from] += weight * call.outputGradient[to];
    });
    call.inputGradient.set(sums);
  },
};
