import type { Contract } from './contract.js';
import { changedImage } from './random-image.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `randomAffine`. */
export interface RandomAffineAttributes extends RandomSource {
  /**
   * The transform. 'translation' and 'zoom' have two ranges, vertical and horizontal; 'rotation' has one, in
   * full turns.
   */
  kind: 'translation' | 'zoom' | 'rotation';
  /** [low, high] of each range, concatenated. Limits are in [-1, 1], rounded to float32. */
  ranges: readonly number[];
  /** Whether the first draw serves the second range too. */
  keepAspect: boolean;
  /**
   * How positions outside a row a b c d are filled: 'constant' with fillValue, 'reflect' (d c b a | a b c d |
   * d c b a), 'wrap' (a b c d | a b c d | a b c d), 'nearest' (a a a a | a b c d | d d d d).
   */
  fill: 'constant' | 'reflect' | 'wrap' | 'nearest';
  /** Value for the fill 'constant'. */
  fillValue: number;
  /**
   * 'nearest' takes the pixel at floor(position + 1/2); 'bilinear' weights the four pixels around the
   * position.
   */
  interpolation: 'bilinear' | 'nearest';
}

/**
 * Shifts, zooms or rotates images [h, w, c] in training, each by its own draws; otherwise the identity. Draw
 * k of sample n is as for `randomFlip`. r0 = low + (high - low) * draw 0 for the first range. r1 is computed
 * likewise from the second range and draw 1, or with keepAspect draw 0.
 *
 * Output pixel (y, x) samples the input at a row and a column, computed in double precision. The center is
 * (my, mx) = ((h - 1) / 2, (w - 1) / 2).
 *
 * - 'translation': y - r0 * h, x - r1 * w.
 * - 'zoom': (1 + r0) * (y - my) + my, (1 + r1) * (x - mx) + mx.
 * - 'rotation', counterclockwise: c * (y - my) + s * (x - mx) + my, c * (x - mx) - s * (y - my) + mx, with
 *   the sine s and the cosine c of the angle.
 */
export const randomAffine: Contract<RandomAffineAttributes> = {
  inputs: 'one',
  attributes: {
    kind: 'required',
    ranges: 'required',
    keepAspect: 'required',
    fill: 'required',
    fillValue: 'required',
    interpolation: 'required',
    ...RANDOM_SOURCE,
  },
  parameters: {},
  outputShapes: changedImage,
};
