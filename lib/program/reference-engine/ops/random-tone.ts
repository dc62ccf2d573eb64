import type { NodeDescription } from '../../description.js';
import { fail, oneOf, show } from '../checks.js';
import type { BackwardCall, ForwardCall, Op, RandomState } from '../op.js';
import { checkRandomSource, drawsOf } from '../random-words.js';

/** x * scale + offset, before it is clipped. */
interface Tone {
  scale: number;
  offset: number;
}

export const randomTone: Op<'randomTone'> = {
  check(node) {
    checkRandomSource(node);
    oneOf(node, 'kind', ['contrast', 'brightness']);
    checkRange(node, 'range');
    checkRange(node, 'limits');
  },
  forward(call) {
    const { input, output, node, random } = call;
    if (!random) return output.set(input);
    const [low, high] = node.attributes.limits.map(Math.fround);
    forEachChannel(call, random, (indices, { scale, offset }) => {
      for (const i of indices) output[i] = Math.min(Math.max(input[i] * scale + offset, low), high);
    });
  },
  backward(call) {
    const { input, inputGradient, outputGradient, node, random } = call;
    if (!random) return inputGradient.set(outputGradient);
    const [low, high] = node.attributes.limits.map(Math.fround);
    forEachChannel(call, random, (indices, { scale, offset }) => {
      const limited = (value: number) => value < low || value > high;
      const passed = indices.map((i) => (limited(input[i] * scale + offset) ? 0 : outputGradient[i]));
      // With contrast, each pixel has the same weight in the mean. With brightness the scale is 1.
      const throughMean = (1 - scale) * mean(passed);
      indices.forEach((i, k) => {
        inputGradient[i] = passed[k] * scale + throughMean;
      });
    });
  },
};

function checkRange(node: NodeDescription<'randomTone'>, name: 'range' | 'limits'): void {
  const range = node.attributes[name];
  const fits =
    Array.isArray(range) &&
    range.length === 2 &&
    range.every((limit) => Number.isFinite(Math.fround(limit))) &&
    range[0] <= range[1];
  if (!fits) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${show(range)}; it must be two finite numbers, low first.`);
  }
}

/** Calls visit with the indexes of each sample's channels in the batch. */
function forEachChannel(
  {
    node,
    samples,
    input,
    inputShape: [height, width, channels],
  }: ForwardCall<'randomTone'> | BackwardCall<'randomTone'>,
  random: RandomState,
  visit: (indices: readonly number[], tone: Tone) => void,
): void {
  const [low, high] = node.attributes.range.map(Math.fround);
  const pixels = height * width;
  drawsOf(node, random, samples).forEach(([draw], n) => {
    const drawn = Math.fround(low + (high - low) * draw);
    for (let c = 0; c < channels; c++) {
      const indices = Array.from({ length: pixels }, (_, pixel) => (n * pixels + pixel) * channels + c);
      if (node.attributes.kind === 'brightness') {
        visit(indices, { scale: 1, offset: drawn });
      } else {
        visit(indices, { scale: drawn, offset: (1 - drawn) * mean(indices.map((i) => input[i])) });
      }
    }
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
