import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts, windowExtent } from './window.js';

/**
 * Attributes of `pool2d`. The padding of each side must be less than the window's extent along its axis.
 */
export interface Pool2dAttributes extends WindowAttributes {
  /** How a window is pooled. */
  kind: 'max' | 'average' | 'sum';
  /** Size of the window, [height, width]. */
  size: Pair;
  /** The distance between two positions of a window, [height, width]. Default [1, 1]. */
  dilations?: Pair;
  /**
   * Further rows below the padding and columns on its right that windows may reach, [rows, columns]. They
   * make a last window that isn't whole, as ONNX's ceil_mode does. Default [0, 0].
   */
  beyond?: Pair;
  /**
   * The positions whose number divides an average. 'inside' counts those inside the image. 'padded' also
   * counts those in the padding (ONNX's count_include_pad), but none beyond it. Default 'inside'.
   */
  counted?: 'inside' | 'padded';
}

/**
 * Pools each window of each channel of images [h, w, c] to one number. Positions outside the image are
 * ignored: the maximum is over the positions inside, and the average is divided by the number of those that
 * are `counted`. The gradient of a maximum goes to the first position, in row-major order, that attains it.
 * NaN counts as larger than any number; of several NaNs the last one counts. Of a window without a position
 * inside, which dilations may bring about, the maximum is -Infinity, and sum and average are 0.
 *
 * The output has `floor((I + P + B - E) / S) + 1` rows for I input rows, total padding P, B rows beyond it,
 * stride S and an extent E = (K - 1) * D + 1 of K window rows with dilation D. Columns are counted likewise.
 */
export const pool2d: Contract<Pool2dAttributes> = {
  inputs: 'one',
  attributes: {
    kind: 'required',
    size: 'required',
    strides: 'required',
    padding: 'required',
    dilations: 'optional',
    beyond: 'optional',
    counted: 'optional',
  },
  parameters: {},
  outputShapes(query) {
    const { size, strides, padding, dilations = [1, 1], beyond = [0, 0] } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, image);
    const [top, bottom, left, right] = padding;
    const reached = [top, bottom + beyond[0], left, right + beyond[1]] as const;
    const attributes = { strides, padding: reached };
    const counts = windowCounts({ ...query, attributes }, image, size, dilations);
    const extent = size.map((cells, axis) => windowExtent(cells, dilations[axis]));
    if (reached.some((cells, side) => cells >= extent[side >> 1])) {
      const window = extent.join('x');
      query.fail(
        'INVALID_ARGUMENT',
        `padding ${showShape(reached)} must be less than the window ${window} on each side.`,
      );
    }
    return [[...counts, image[2]]];
  },
};
