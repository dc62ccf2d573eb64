import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts } from './window.js';

/** Attributes of `pool2d`. The padding of each side must be less than the window's size along its axis. */
export interface Pool2dAttributes extends WindowAttributes {
  /** How a window is pooled. */
  kind: 'max' | 'average' | 'sum';
  /** Size of the window, [height, width]. */
  size: Pair;
}

/**
 * Pools each window of each channel of images [h, w, c] to one number. Positions outside the image are
 * ignored: the maximum is over the positions inside, and the average is divided by their number. The gradient
 * of a maximum goes to the first position, in row-major order, that attains it. NaN counts as larger than any
 * number; of several NaNs the last one counts.
 *
 * The output has `floor((I + P - K) / S) + 1` rows for I input rows, total padding P, K window rows and
 * stride S. Columns are counted likewise.
 */
export const pool2d: Contract<Pool2dAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', size: 'required', strides: 'required', padding: 'required' },
  parameters: {},
  outputShapes(query) {
    const { size, padding } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, image);
    const counts = windowCounts(query, image, size);
    if (padding.some((cells, side) => cells >= size[side >> 1])) {
      const window = size.join('x');
      query.fail(
        'INVALID_ARGUMENT',
        `padding ${showShape(padding)} must be less than the window ${window} on each side.`,
      );
    }
    return [[...counts, image[2]]];
  },
};
