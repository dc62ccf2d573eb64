import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, elementCount, fail, kernelShape, show, wholeNumbers } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { sumRows } from '../sum-rows.js';
import { forEachTap, type Windows, windowsOf } from '../windows.js';

function convolutionWindows(node: NodeDescription, input: Shape): Windows {
  return windowsOf(node, input, node.parameters[0].shape.slice(0, 2), wholeNumbers(node, 'dilation', 2, 1));
}

/** x [n, h, w, inChannels], kernel [kh, kw, inChannels, outChannels], bias [outChannels], y [n, oh, ow, outChannels]. */
export const conv2d: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['strides', 'dilation', 'padding']);
    const kernel = kernelShape(node, 4);
    const windows = convolutionWindows(node, input);
    if (kernel[2] !== input[2]) {
      fail(
        node,
        'SHAPE_MISMATCH',
        `the kernel ${show(kernel)} takes ${kernel[2]} channels, its input ${show(input)} has ${input[2]}.`,
      );
    }
    return [...windows.output, kernel[3]];
  },

  forward({ node, samples, inputShape, outputShape, input, output, parameters }: ForwardCall) {
    const windows = convolutionWindows(node, inputShape);
    const [kernel, bias] = parameters;
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
    const inputSize = elementCount(inputShape);
    const sums = new Float64Array(elementCount(outputShape));
    for (let n = 0; n < samples; n++) {
      for (let i = 0; i < sums.length; i++) sums[i] = bias ? bias[i % outChannels] : 0;
      forEachTap(windows, (outputPixel, inputPixel, tap) => {
        const y = outputPixel * outChannels;
        const x = n * inputSize + inputPixel * inChannels;
        for (let ci = 0; ci < inChannels; ci++) {
          const value = input[x + ci];
          const k = (tap * inChannels + ci) * outChannels;
          for (let co = 0; co < outChannels; co++) sums[y + co] += value * kernel[k + co];
        }
      });
      output.set(sums, n * sums.length);
    }
  },

  backward(call: BackwardCall) {
    const { node, samples, inputShape, outputShape, input, parameters, outputGradient } = call;
    const windows = convolutionWindows(node, inputShape);
    const kernel = parameters[0];
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
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
          const k = (tap * inChannels + ci) * outChannels;
          let sum = 0;
          for (let co = 0; co < outChannels; co++) {
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
