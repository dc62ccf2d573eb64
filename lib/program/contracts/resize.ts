import type { Contract } from './contract.js';
import { checkImage, type Pair } from './window.js';

/** Attributes of `resize`. */
export interface ResizeAttributes {
  /**
   * 'bilinear' weighs the two rows around the place of an output row, and the two columns. 'nearest' takes one. Where they
   * would lie outside the image, its edge stands for them.
   */
  kind: 'bilinear' | 'nearest';
  /** [height, width] of the output. */
  size: Pair;
  /**
   * Where output row o lies in the input, `in` and `out` being the numbers of rows. Columns likewise. Places are computed in
   * double precision, in the order of the brackets. Default 'halfPixel'.
   *
   * - 'halfPixel' (Keras 3): (o + 1/2) * in / out - 1/2. 'nearest' rounds, halves up.
   * - 'topLeft' (TF.js's up-sampling): (in / out) * o. 'nearest' rounds down.
   * - 'aligned' (TF.js's Resizing, alignCorners): ((in - 1) / (out - 1)) * o, or 0 where `out` is 1. 'nearest' rounds,
   *   halves up.
   */
  corners?: 'halfPixel' | 'topLeft' | 'aligned';
}

/** Images [h, w, c] at another size, without antialiasing. */
export const resize: Contract<ResizeAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', size: 'required', corners: 'optional' },
  parameters: {},
  outputShapes(query) {
    const [image] = query.inputs;
    checkImage(query, 'resize', image);
    return [[...query.attributes.size, image[2]]];
  },
};
