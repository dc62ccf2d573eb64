import { elementCount } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { drawsOf } from '../random-words.js';

/** The ops whose output pixels are weighted sums of input pixels. */
type PixelOp = 'randomAffine' | 'randomCrop' | 'randomFlip';

/** Calls visit(input pixel, output pixel, weight) for each term of these sums in a sample. */
export type Parts<Name extends PixelOp> = (
  call: ForwardCall<Name>,
  draws: readonly number[],
  visit: (from: number, to: number, weight: number) => void,
) => void;

/**
 * The passes of such an op, in training. `constant` is the value of positions outside the image, whose index
 * is -1.
 */
export function weightedPixels<Name extends PixelOp>(
  parts: Parts<Name>,
  constant: (attributes: ForwardCall<Name>['node']['attributes']) => number = () => 0,
): Pick<Op<Name>, 'forward' | 'backward'> {
  return {
    forward(call) {
      const { input, output, outputShape: shape, node } = call;
      if (!call.random) return output.set(input);
      const outside = constant(node.attributes);
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

/** Visits the terms of all samples, with the indexes of elements in the batch. */
function forEachSample<Name extends PixelOp>(
  call: ForwardCall<Name> | BackwardCall<Name>,
  parts: Parts<Name>,
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
