import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { kernelShape } from './kernel.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts } from './window.js';

/** Attributes of `conv2d`. */
export interface Conv2dAttributes extends WindowAttributes {
  /** Cells from one kernel element to the next, [height, width]. */
  dilation: Pair;
  /**
   * The number of equal parts that both the channels and the filters are cut into, in their order. Each part of the filters sees
   * its own part of the channels. It divides both numbers. Default 1. A depthwise convolution has as many groups as channels.
   */
  groups?: number;
  /** Whether engines do without algorithms that round more than a direct sum does. Default false. */
  exact?: boolean;
}

/**
 * A cross-correlation of images [h, w, channels] with a kernel [kh, kw, channels / groups, filters], plus a bias [filters] if there
 * is one:
 *
 * y[oh, ow, co] = bias[co] + sum over kh, kw, ci of
 * x[oh * sh + kh * dh - top, ow * sw + kw * dw - left, first(co) + ci] * kernel[kh, kw, ci, co]
 *
 * Cells outside the image are 0. The group of filter co is g = floor(co / (filters / groups)), and its channels begin at
 * first(co) = g * channels / groups. The output has floor((I + P - ((K - 1) * D + 1)) / S) + 1 rows, for I rows with a padding of
 * P, K rows of the kernel, dilation D and stride S; columns likewise.
 */
export const conv2d: Contract<Conv2dAttributes, 'kernel' | 'bias'> = {
  inputs: 'one',
  attributes: {
    strides: 'required',
    dilation: 'required',
    padding: 'required',
    groups: 'optional',
    exact: 'optional',
  },
  parameters: { kernel: 'required', bias: 'optional' },
  outputShapes(query) {
    const { groups = 1, dilation } = query.attributes;
    const [image] = query.inputs;
    const kernel = kernelShape(query, 4);
    checkImage(query, 'conv2d', image);
    const counts = windowCounts(query, image, kernel.slice(0, 2), dilation);
    const [, , depth, filters] = kernel;
    if (depth * groups !== image[2]) {
      const grouped = groups > 1 ? ` in each of ${groups} groups` : '';
      query.fail(
        'SHAPE_MISMATCH',
        `the kernel ${showShape(kernel)} takes ${depth} channels${grouped}, its input ${showShape(image)} has ${image[2]}.`,
      );
    }
    if (filters % groups !== 0)
      query.fail('SHAPE_MISMATCH', `${filters} filters can't be shared out evenly over ${groups} groups.`);
    return [[...counts, filters]];
  },
};
