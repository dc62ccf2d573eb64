import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, checkShape, elementCount, fail, sameShape, show, wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { sumRows } from '../sum-rows.js';
import { forEachTap, type Windows, windowsOf } from '../windows.js';

/** Those of the convolution that leads back from the output to the input. */
function windowsBack(node: NodeDescription, output: Shape): Windows {
  return windowsOf(node, output, node.parameters[0].shape.slice(0, 2), wholeNumbers(node, 'dilation', 2, 1));
}

/** x [n, h, w, inChannels], kernel [kh, kw, outChannels, inChannels], bias [outChannels], y [n, oh, ow, outChannels]. */
export const conv2dTranspose: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['strides', 'dilation', 'padding']);
    const names = node.parameters.map(({ name }) => name).join(', ');
    if (names !== 'kernel' && names !== 'kernel, bias') {
      fail(
        node,
        'INVALID_ARGUMENT',
        `conv2dTranspose takes the parameters [kernel] or [kernel, bias], not [${names}].`,
      );
    }
    const [kernel, bias] = node.parameters;
    checkShape(node, node.shape, 'the output');
    checkShape(node, kernel.shape, 'the kernel');
    const filters = node.shape[2];
    if (kernel.shape.length !== 4 || kernel.shape[2] !== filters || kernel.shape[3] !== input[2]) {
      fail(
        node,
        'SHAPE_MISMATCH',
        `a kernel ${show(kernel.shape)} doesn't lead from ${show(input)} to ${show(node.shape)}.`,
      );
    }
    if (bias && !sameShape(bias.shape, [filters])) {
      fail(node, 'SHAPE_MISMATCH', `the bias has shape ${show(bias.shape)}; it must be [${filters}].`);
    }
    const back = [...windowsBack(node, node.shape).output, input[2]];
    if (!sameShape(back, input)) {
      fail(
        node,
        'SHAPE_MISMATCH',
        `a convolution of the output ${show(node.shape)} gives ${show(back)}, not the input ${show(input)}.`,
      );
    }
    return node.shape;
  },

  forward({ node, samples, inputShape, outputShape, input, output, parameters }) {
    const windows = windowsBack(node, outputShape);
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
    const { node, samples, inputShape, outputShape, input, parameters, outputGradient } = call;
    const windows = windowsBack(node, outputShape);
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
