import { broadcastPlaces } from '../broadcast.js';
import { checkFlag, elementCount, fail, finiteNumber, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import type { FloatArray } from '../precision.js';
import { checkRandomSource, forEachWord } from '../random-words.js';

export const dropout: Op<'dropout'> = {
  check(node, input) {
    const rate = finiteNumber(node, 'rate');
    if (rate < 0 || rate >= 1) fail(node, 'INVALID_ARGUMENT', `rate is ${rate}; it must be in [0, 1).`);
    checkFlag(node, 'alpha');
    checkRandomSource(node);
    if (node.attributes.noiseShape !== undefined) wholeNumbers(node, 'noiseShape', input.length, 1);
  },
  forward(call) {
    if (!call.random) return call.output.set(call.input);
    const { scale, shift, dropped } = factors(call);
    apply(call, call.input, call.output, (x, kept) => (kept ? x * scale + shift : dropped));
  },
  backward(call) {
    if (!call.random) return call.inputGradient.set(call.outputGradient);
    const { scale } = factors(call);
    apply(call, call.outputGradient, call.inputGradient, (dy, kept) => (kept ? dy * scale : 0));
  },
};

/** A kept element x becomes scale * x + shift. */
function factors({ node }: ForwardCall<'dropout'>): { scale: number; shift: number; dropped: number } {
  const { rate, alpha } = node.attributes;
  if (!alpha) return { scale: 1 / (1 - rate), shift: 0, dropped: 0 };
  const limit = -1.7580993408473766;
  const scale = 1 / Math.sqrt((1 - rate) * (1 + rate * limit * limit));
  const shift = -scale * limit * rate;
  return { scale, shift, dropped: scale * limit + shift };
}

/**
 * Applies the mask. It depends on seed, step, stream and element only, so backward draws it again instead of
 * storing it.
 */
function apply(
  { node, inputShape, samples, random }: ForwardCall<'dropout'>,
  from: FloatArray,
  to: FloatArray,
  f: (value: number, kept: boolean) => number,
): void {
  if (!random) return;
  const { rate, noiseShape = inputShape } = node.attributes;
  const places = broadcastPlaces(inputShape, noiseShape);
  const draws = elementCount(noiseShape);
  const threshold = Math.floor(rate * 2 ** 32);
  const kept = new Uint8Array(samples * draws);
  forEachWord(node, random, kept.length, (word, e) => {
    kept[e] = word < threshold ? 0 : 1;
  });
  for (let i = 0; i < from.length; i++) {
    const sample = Math.floor(i / places.length);
    to[i] = f(from[i], kept[sample * draws + places[i % places.length]] === 1);
  }
}
