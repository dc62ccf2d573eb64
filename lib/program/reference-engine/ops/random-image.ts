import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, checkNoParameters, elementCount, fail, show } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { checkRandomSource, drawsOf } from '../random-words.js';

/** Calls visit(input pixel, output pixel, weight) for all pixels of a sample that have a part in one another. */
export type Parts = (
  call: ForwardCall,
  draws: readonly number[],
  visit: (from: number, to: number, weight: number) => void,
) => void;

/** Checks the attributes that all ops on images with draws have, besides their own, and the input. */
export function checkRandomImage(node: NodeDescription, own: readonly string[], input: Shape): void {
  checkAttributes(node, [...own, 'stream'], ['seed', 'always']);
  checkNoParameters(node);
  checkRandomSource(node);
  if (input.length !== 3)
    fail(node, 'SHAPE_MISMATCH', `${node.op} needs an input [h, w, channels], not ${show(input)}.`);
}

/** An op whose output pixels are sums of input pixels, in training; `constant` is the value of those that are no pixel, from = -1. */
export function weightedPixels(
  outputShape: Op['outputShape'],
  parts: Parts,
  constant: (node: NodeDescription) => number = () => 0,
): Op {
  return {
    outputShape,
    forward(call) {
      const { input, output, outputShape: shape, node } = call;
      if (!call.random) return output.set(input);
      const outside = constant(node);
      const channels = shape[2];
      const sums = new Float64Array(output.length);
      forEachSample(call, parts, (x, y, weight) => {
        for (let c = 0; c < channels; c++) sums[y + c] += weight * (x < 0 ? outside : input[x + c]);
      });
      output.set(sums);
    },
    backward(call) {
      const { inputGradient, outputGradient, outputShape: shape } = call;
      if (!call.random) return inputGradient.set(outputGradient);
      const channels = shape[2];
      const sums = new Float64Array(inputGradient.length);
      forEachSample(call, parts, (x, y, weight) => {
        for (let c = 0; x >= 0 && c < channels; c++) sums[x + c] += weight * outputGradient[y + c];
      });
      inputGradient.set(sums);
    },
  };
}

/** The same with the places of elements in the batch. */
function forEachSample(
  call: ForwardCall | BackwardCall,
  parts: Parts,
  visit: (x: number, y: number, weight: number) => void,
): void {
  const { node, random, samples, inputShape, outputShape } = call;
  if (!random) return;
  const channels = inputShape[2];
  drawsOf(node, random, samples).forEach((draws, n) => {
    const x = n * elementCount(inputShape);
    const y = n * elementCount(outputShape);
    parts(call, draws, (from, to, weight) => {
      visit(from < 0 ? -1 : x + from * channels, y + to * channels, weight);
    });
  });
}
