import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkImage, type Pair, type WindowAttributes, windowCounts } from './window.js';

/** Attributes of `pool2d`. Each padding is less than the window's size along its axis. */
export interface Pool2dAttributes extends WindowAttributes {
  /** What is made of a window's cells. */
  kind: 'max' | 'average' | 'sum';
  /** Cells of the window, [height, width]. */
  size: Pair;
}

/**
 * One number of each window of each channel of images [h, w, c]. Cells outside the image take no part: the maximum is over the cells
 * inside, and the average is divided by their number. The gradient of a maximum goes to the first cell, in row-major order, that
 * has it. NaN counts as larger than any number; of several the last is taken. The output has
 * floor((I + P - K) / S) + 1 rows, for I rows with a padding of P, K rows of the window and stride S; columns likewise.
 */
export const pool2d: Contract<Pool2dAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', size: 'required', strides: 'required', padding: 'required' },
  parameters: {},
  outputShapes(query) {
    const { size, padding } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, 'pool2d', image);
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
