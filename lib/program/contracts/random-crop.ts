import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';
import { checkImage, type Pair } from './window.js';

/** Attributes of `randomCrop`. */
export interface RandomCropAttributes extends RandomSource {
  /** [rows, columns] of the crop. It must not be larger than the image. */
  size: Pair;
}

/**
 * Crops each image [h, w, c]. In training, the crop begins at row floor(draw 0 * (h - rows + 1)) and column
 * floor(draw 1 * (w - columns + 1)). Draw k of sample n is as for `randomFlip`.
 *
 * Otherwise it is the centered part of min(h, floor(w * rows / columns)) rows and min(w, floor(h * columns /
 * rows)) columns, each at least 1, resized as by a bilinear `resize`. If an odd number of rows or columns is
 * cut, one more is cut below or at the right.
 */
export const randomCrop: Contract<RandomCropAttributes> = {
  inputs: 'one',
  attributes: { size: 'required', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes(query) {
    const [image] = query.inputs;
    const [rows, columns] = query.attributes.size;
    checkImage(query, image);
    if (rows > image[0] || columns > image[1])
      query.fail(
        'SHAPE_MISMATCH',
        `images of ${showShape(image)} are smaller than a window of ${rows}x${columns}.`,
      );
    return [[rows, columns, image[2]]];
  },
};
