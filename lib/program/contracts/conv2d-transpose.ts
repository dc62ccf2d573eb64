import { showShape, sameShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { kernelShape } from './kernel.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts } from './window.js';

/** Attributes of `conv2dTranspose`: those of the convolution from the output back to the input. */
export interface Conv2dTransposeAttributes extends WindowAttributes {
  /** Distance between neighboring kernel elements, [height, width]. */
  dilation: Pair;
  /** [height, width] of the output. The convolution of an image of that size must give the input's size. */
  outputSize: Pair;
}

/**
 * The transpose of a `conv2d` with the same attributes and kernel. It takes images [h, w, channels], a kernel
 * [kh, kw, filters, channels], and optionally a bias [filters]:
 *
 *     y[h * sh + kh * dh - top, w * sw + kw * dw - left, co] =
 *       bias[co] + sum of all x[h, w, ci] * kernel[kh, kw, co, ci] that meet there
 */
export const conv2dTranspose: Contract<Conv2dTransposeAttributes, 'kernel' | 'bias'> = {
  inputs: 'one',
  attributes: { strides: 'required', dilation: 'required', padding: 'required', outputSize: 'required' },
  parameters: { kernel: 'required', bias: 'optional' },
  outputShapes(query) {
    const { dilation, outputSize } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, image);
    const kernel = kernelShape(query, 4, 2);
    const output = [...outputSize, kernel[2]];
    if (kernel[3] !== image[2])
      query.fail(
        'SHAPE_MISMATCH',
        `a kernel ${showShape(kernel)} doesn't take an input ${showShape(image)}.`,
      );
    const back = [...windowCounts(query, output, kernel.slice(0, 2), dilation), image[2]];
    if (!sameShape(back, image)) {
      query.fail(
        'SHAPE_MISMATCH',
        `a convolution of the output ${showShape(output)} gives ${showShape(back)}, not the input ${showShape(image)}.`,
      );
    }
    return [output];
  },
};
