import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { kernelShape } from './kernel.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts } from './window.js';

/** Attributes of `conv2d`. */
export interface Conv2dAttributes extends WindowAttributes {
  /** Distance between neighboring kernel elements, [height, width]. */
  dilation: Pair;
  /**
   * Number of groups that channels and filters are split into, in order. Each group of filters sees only its
   * own group of channels. Must divide both numbers. Default 1. A depthwise convolution has as many groups as
   * channels.
   */
  groups?: number;
  /** Whether engines must avoid algorithms that round more than a direct sum. Default false. */
  exact?: boolean;
}

/**
 * A cross-correlation of images [h, w, channels] with a kernel [kh, kw, channels / groups, filters], plus an
 * optional bias [filters]:
 *
 *     y[oh, ow, co] = bias[co] + sum over kh, kw, ci of
 *       x[oh * sh + kh * dh - top, ow * sw + kw * dw - left, first(co) + ci] * kernel[kh, kw, ci, co]
 *
 * Positions outside the image are 0. The group of filter co is g = floor(co / (filters / groups)), and its
 * channels begin at first(co) = g * channels / groups.
 *
 * The output has `floor((I + P - ((K - 1) * D + 1)) / S) + 1` rows for I input rows, total padding P, K
 * kernel rows, dilation D and stride S. Columns are counted likewise.
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
    checkImage(query, image);
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
      query.fail('SHAPE_MISMATCH', `${filters} filters can't be divided evenly among ${groups} groups.`);
    return [[...counts, filters]];
  },
};
