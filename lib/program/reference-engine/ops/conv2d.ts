import { checkFlag, elementCount, wholeNumber, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { sumRows } from '../sum-rows.js';
import { checkWindowAttributes, forEachTap, type Windows, windowsOf } from '../windows.js';

function convolutionWindows({ node, inputShape, outputShape }: ForwardCall<'conv2d'>): Windows {
  const size = node.parameters[0].shape.slice(0, 2);
  return windowsOf(node.attributes, size, inputShape, outputShape);
}

/** For an input channel, the range [first, end) of its group's output channels. */
function groupFilters(groups: number, inChannels: number, outChannels: number) {
  const filters = outChannels / groups;
  return Array.from({ length: inChannels }, (_, ci) => {
    const group = Math.floor((ci * groups) / inChannels);
    return [group * filters, (group + 1) * filters] as const;
  });
}

/**
 * x [n, h, w, inChannels], kernel [kh, kw, inChannels / groups, outChannels], bias [outChannels], y
 * [n, oh, ow, outChannels].
 */
export const conv2d: Op<'conv2d'> = {
  check(node) {
    checkWindowAttributes(node);
    wholeNumbers(node, 'dilation', 2, 1);
    if (node.attributes.groups !== undefined) wholeNumber(node, 'groups', 1);
    checkFlag(node, 'exact');
  },

  forward(call) {
    const { node, samples, inputShape, outputShape, input, output, parameters } = call;
    const windows = convolutionWindows(call);
    const { groups = 1 } = node.attributes;
    const [kernel, bias] = parameters;
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
    const depth = inChannels / groups;
    const filtersOf = groupFilters(groups, inChannels, outChannels);
    const inputSize = elementCount(inputShape);
    const sums = new Float64Array(elementCount(outputShape));
    for (let n = 0; n < samples; n++) {
      for (let i = 0; i < sums.length; i++) sums[i] = bias ? bias[i % outChannels] : 0;
      forEachTap(windows, (outputPixel, inputPixel, tap) => {
        const y = outputPixel * outChannels;
        const x = n * inputSize + inputPixel * inChannels;
        for (let ci = 0; ci < inChannels; ci++) {
          const value = input[x + ci];
          const k = (tap * depth + (ci % depth)) * outChannels;
          const [begin, end] = filtersOf[ci];
          for (let co = begin; co < end; co++) sums[y + co] += value * kernel[k + co];
        }
      });
      output.set(sums, n * sums.length);
    }
  },

  backward(call) {
    const { node, samples, inputShape, outputShape, input, parameters, outputGradient } = call;
    const windows = convolutionWindows(call);
    const { groups = 1 } = node.attributes;
    const kernel = parameters[0];
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
    const depth = inChannels / groups;
    const filtersOf = groupFilters(groups, inChannels, outChannels);
    const inputSize = elementCount(inputShape);
    const outputSize = elementCount(outputShape);
    const kernelSums = new Float64Array(kernel.length);
    const inputSums = new Float64Array(inputSize);
    for (let n = 0; n < samples; n++) {
      inputSums.fill(0);
      forEachTap(windows, (outputPixel, inputPixel, tap) => {
        const dy = n * outputSize + outputPixel * outChannels;
        const dx = inputPixel * inChannels;
        for (let ci = 0; ci < inChannels; ci++) {
          const value = input[n * inputSize + dx + ci];
          const k = (tap * depth + (ci % depth)) * outChannels;
          const [begin, end] = filtersOf[ci];
          let sum = 0;
          for (let co = begin; co < end; co++) {
            const gradient = outputGradient[dy + co];
            kernelSums[k + co] += value * gradient;
            sum += kernel[k + co] * gradient;
          }
          inputSums[dx + ci] += sum;
        }
      });
      call.inputGradient.set(inputSums, n * inputSize);
    }
    const [kernelGradient, biasGradient] = call.parameterGradients;
    kernelGradient.set(kernelSums);
    if (biasGradient) sumRows(outputGradient, biasGradient);
  },
};
