import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';
import { checkImage, type Pair } from './window.js';

/** Attributes of `randomCrop`. */
export interface RandomCropAttributes extends RandomSource {
  /** [rows, columns] of the window, no larger than the image. */
  size: Pair;
}

/**
 * A window of each image [h, w, c]. In training it begins at row floor(draw 0 * (h - rows + 1)) and column
 * floor(draw 1 * (w - columns + 1)). Draw k of sample n is as for `randomFlip`.
 *
 * Elsewhere it is the window of min(h, floor(w * rows / columns)) rows and min(w, floor(h * columns / rows)) columns, each at least
 * 1, in the middle, resized as by a bilinear `resize`. An odd row or column that is left out is below or right of it.
 */
export const randomCrop: Contract<RandomCropAttributes> = {
  inputs: 'one',
  attributes: { size: 'required', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes(query) {
    const [image] = query.inputs;
    const [rows, columns] = query.attributes.size;
    checkImage(query, 'randomCrop', image);
    if (rows > image[0] || columns > image[1])
      query.fail('SHAPE_MISMATCH', `images of ${showShape(image)} have no window of ${rows}x${columns}.`);
    return [[rows, columns, image[2]]];
  },
};
