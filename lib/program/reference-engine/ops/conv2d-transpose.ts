import { elementCount, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { sumRows } from '../sum-rows.js';
import { checkWindowAttributes, forEachTap, type Windows, windowsOf } from '../windows.js';

/** The windows of the convolution from the output back to the input. */
function windowsBack({ node, inputShape, outputShape }: ForwardCall<'conv2dTranspose'>): Windows {
  const size = node.parameters[0].shape.slice(0, 2);
  return windowsOf(node.attributes, size, outputShape, inputShape);
}

/**
 * x [n, h, w, inChannels], kernel [kh, kw, outChannels, inChannels], bias [outChannels], y
 * [n, oh, ow, outChannels].
 */
export const conv2dTranspose: Op<'conv2dTranspose'> = {
  check(node) {
    checkWindowAttributes(node);
    wholeNumbers(node, 'dilation', 2, 1);
    wholeNumbers(node, 'outputSize', 2, 1);
  },

  forward(call) {
    const { samples, inputShape, outputShape, input, output, parameters } = call;
    const windows = windowsBack(call);
    const [kernel, bias] = parameters;
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
    const sums = new Float64Array(elementCount(outputShape));
    for (let n = 0; n < samples; n++) {
      for (let i = 0; i < sums.length; i++) sums[i] = bias ? bias[i % outChannels] : 0;
      const image = n * elementCount(inputShape);
      forEachTap(windows, (inputPixel, outputPixel, tap) => {
        for (let co = 0; co < outChannels; co++) {
          const k = (tap * outChannels + co) * inChannels;
          let sum = 0;
          for (let ci = 0; ci < inChannels; ci++)
            sum += input[image + inputPixel * inChannels + ci] * kernel[k + ci];
          sums[outputPixel * outChannels + co] += sum;
        }
      });
      output.set(sums, n * sums.length);
    }
  },

  backward(call) {
    const { samples, inputShape, outputShape, input, parameters, outputGradient } = call;
    const windows = windowsBack(call);
    const kernel = parameters[0];
    const inChannels = inputShape[2];
    const outChannels = outputShape[2];
    const kernelSums = new Float64Array(kernel.length);
    const inputSums = new Float64Array(call.inputGradient.length);
    for (let n = 0; n < samples; n++) {
      forEachTap(windows, (inputPixel, outputPixel, tap) => {
        const x = n * elementCount(inputShape) + inputPixel * inChannels;
        const dy = n * elementCount(outputShape) + outputPixel * outChannels;
        for (let co = 0; co < outChannels; co++) {
          const k = (tap * outChannels + co) * inChannels;
          for (let ci = 0; ci < inChannels; ci++) {
            kernelSums[k + ci] += input[x + ci] * outputGradient[dy + co];
            inputSums[x + ci] += kernel[k + ci] * outputGradient[dy + co];
          }
        }
      });
    }
    call.inputGradient.set(inputSums);
    const [kernelGradient, biasGradient] = call.parameterGradients;
    kernelGradient.set(kernelSums);
    if (biasGradient) sumRows(outputGradient, biasGradient);
  },
};
