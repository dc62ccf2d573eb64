import type { Contract } from './contract.js';
import { checkImage, type Pair } from './window.js';

/** Attributes of `resize`. */
export interface ResizeAttributes {
  /**
   * 'bilinear' interpolates between the two rows and the two columns around a position. 'nearest' takes one
   * of each. Positions outside the image take its edge.
   */
  kind: 'bilinear' | 'nearest';
  /** [height, width] of the output. */
  size: Pair;
  /**
   * The input position of output row o, where `in` and `out` are the numbers of rows. Columns are treated
   * likewise. Positions are computed in double precision, in the order of the brackets. Default 'halfPixel'.
   *
   * - 'halfPixel' (Keras 3): (o + 1/2) * in / out - 1/2. 'nearest' rounds, halves up.
   * - 'topLeft' (TF.js's up-sampling): (in / out) * o. 'nearest' rounds down.
   * - 'aligned' (TF.js's Resizing, alignCorners): ((in - 1) / (out - 1)) * o, or 0 if `out` is 1. 'nearest'
   *   rounds, halves up.
   */
  corners?: 'halfPixel' | 'topLeft' | 'aligned';
}

/** Resizes images [h, w, c], without antialiasing. */
export const resize: Contract<ResizeAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', size: 'required', corners: 'optional' },
  parameters: {},
  outputShapes(query) {
    const [image] = query.inputs;
    checkImage(query, image);
    return [[...query.attributes.size, image[2]]];
  },
};
