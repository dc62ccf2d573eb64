import type { AttributesOf } from '../../description.js';
import { elementCount, oneOf, wholeNumbers } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { checkWindowAttributes, forEachTap, type Windows, windowsOf } from '../windows.js';

interface PoolKind {
  forward(call: ForwardCall<'pool2d'>, windows: Windows): void;
  backward(call: BackwardCall<'pool2d'>, windows: Windows): void;
}

const KINDS: Record<AttributesOf<'pool2d'>['kind'], PoolKind> = {
  max: { forward: maximumForward, backward: maximumBackward },
  average: sums((call, windows) => {
    const counts = new Float64Array(windows.output[0] * windows.output[1]);
    const counted = call.node.attributes.counted === 'padded' ? padded(call, windows) : windows;
    forEachTap(counted, (outputPixel) => {
      counts[outputPixel]++;
    });
    return counts.map((count) => (count > 0 ? 1 / count : 0));
  }),
  sum: sums((_, windows) => new Float64Array(windows.output[0] * windows.output[1]).fill(1)),
};

function poolWindows({ node: { attributes }, inputShape, outputShape }: ForwardCall<'pool2d'>): Windows {
  const { size, dilations } = attributes;
  return windowsOf({ ...attributes, dilation: dilations }, size, inputShape, outputShape);
}

/** The same windows, over the image with its padding. */
function padded({ node: { attributes } }: ForwardCall<'pool2d'>, windows: Windows): Windows {
  const [top, bottom, left, right] = attributes.padding;
  const [height, width] = windows.input;
  return { ...windows, input: [top + height + bottom, left + width + right], before: [0, 0] };
}

/** x [n, h, w, channels], y [n, oh, ow, channels]. Padded positions are ignored. */
export const pool2d: Op<'pool2d'> = {
  check(node) {
    oneOf(node, 'kind', Object.keys(KINDS));
    wholeNumbers(node, 'size', 2, 1);
    checkWindowAttributes(node);
    const { dilations, beyond, counted } = node.attributes;
    if (dilations !== undefined) wholeNumbers(node, 'dilations', 2, 1);
    if (beyond !== undefined) wholeNumbers(node, 'beyond', 2, 0);
    if (counted !== undefined) oneOf(node, 'counted', ['inside', 'padded']);
  },
  forward(call) {
    KINDS[call.node.attributes.kind].forward(call, poolWindows(call));
  },
  backward(call) {
    KINDS[call.node.attributes.kind].backward(call, poolWindows(call));
  },
};

/**
 * For each output element of sample n, the index in `input` of its window's maximum, by the contract's rule
 * for ties and NaN. -1: the window has no position inside the image.
 */
function argmaxOf(call: ForwardCall, windows: Windows, n: number): Int32Array {
  const { input, inputShape, outputShape } = call;
  const channels = inputShape[2];
  const image = n * elementCount(inputShape);
  const indices = new Int32Array(elementCount(outputShape)).fill(-1);
  forEachTap(windows, (outputPixel, inputPixel) => {
    for (let c = 0; c < channels; c++) {
      const y = outputPixel * channels + c;
      const x = image + inputPixel * channels + c;
      if (indices[y] < 0 || input[x] > input[indices[y]] || Number.isNaN(input[x])) indices[y] = x;
    }
  });
  return indices;
}

function maximumForward(call: ForwardCall, windows: Windows): void {
  for (let n = 0; n < call.samples; n++) {
    const indices = argmaxOf(call, windows, n);
    const y = n * indices.length;
    for (let i = 0; i < indices.length; i++)
      call.output[y + i] = indices[i] < 0 ? Number.NEGATIVE_INFINITY : call.input[indices[i]];
  }
}

function maximumBackward(call: BackwardCall, windows: Windows): void {
  const gradients = new Float64Array(call.inputGradient.length);
  for (let n = 0; n < call.samples; n++) {
    const indices = argmaxOf(call, windows, n);
    const dy = n * indices.length;
    for (let i = 0; i < indices.length; i++)
      if (indices[i] >= 0) gradients[indices[i]] += call.outputGradient[dy + i];
  }
  call.inputGradient.set(gradients);
}

/** Poolings that multiply the sum of a window by a factor per output pixel. */
function sums(factorsOf: (call: ForwardCall<'pool2d'>, windows: Windows) => Float64Array): PoolKind {
  return {
    forward(call, windows) {
      const { samples, inputShape, outputShape, input, output } = call;
      const factors = factorsOf(call, windows);
      const channels = inputShape[2];
      const inputSize = elementCount(inputShape);
      const totals = new Float64Array(elementCount(outputShape));
      for (let n = 0; n < samples; n++) {
        totals.fill(0);
        forEachTap(windows, (outputPixel, inputPixel) => {
          const y = outputPixel * channels;
          const x = n * inputSize + inputPixel * channels;
          for (let c = 0; c < channels; c++) totals[y + c] += input[x + c];
        });
        for (let i = 0; i < totals.length; i++) totals[i] *= factors[Math.floor(i / channels)];
        output.set(totals, n * totals.length);
      }
    },
    backward(call, windows) {
      const { samples, inputShape, outputShape, outputGradient, inputGradient } = call;
      const factors = factorsOf(call, windows);
      const channels = inputShape[2];
      const outputSize = elementCount(outputShape);
      const gradients = new Float64Array(elementCount(inputShape));
      for (let n = 0; n < samples; n++) {
        gradients.fill(0);
        forEachTap(windows, (outputPixel, inputPixel) => {
          const dy = n * outputSize + outputPixel * channels;
          const dx = inputPixel * channels;
          for (let c = 0; c < channels; c++)
            gradients[dx + c] += outputGradient[dy + c] * factors[outputPixel];
        });
        inputGradient.set(gradients, n * gradients.length);
      }
    },
  };
}
