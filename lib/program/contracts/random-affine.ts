import type { Contract } from './contract.js';
import { changedImage } from './random-image.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `randomAffine`. */
export interface RandomAffineAttributes extends RandomSource {
  /** How images are moved. 'translation' and 'zoom' have two ranges, vertical and horizontal, 'rotation' one, of turns. */
  kind: 'translation' | 'zoom' | 'rotation';
  /** [low, high] of each range, in [-1, 1], rounded to float32. */
  ranges: readonly number[];
  /** Whether the second range is drawn from by the first draw too. */
  keepAspect: boolean;
  /**
   * What lies outside the image a b c d: 'constant' fillValue, 'reflect' (d c b a | a b c d | d c b a), 'wrap'
   * (a b c d | a b c d | a b c d), 'nearest' (a a a a | a b c d | d d d d).
   */
  fill: 'constant' | 'reflect' | 'wrap' | 'nearest';
  /** For the fill 'constant'. */
  fillValue: number;
  /** 'nearest' takes the pixel at floor(place + 1/2), 'bilinear' weighs the four around the place. */
  interpolation: 'bilinear' | 'nearest';
}

/**
 * Moves, zooms or turns images [h, w, c] in training, each by draws of its own; elsewhere the identity. Draw k of sample n is as for
 * `randomFlip`. r0 = low + (high - low) * draw 0 is of the first range, r1 of the second by draw 1, or with keepAspect by draw 0.
 *
 * Output pixel (y, x) is what lies at these row and column of the input, computed in double precision. Its middle is
 * (my, mx) = ((h - 1) / 2, (w - 1) / 2).
 *
 * - 'translation': y - r0 * h, x - r1 * w.
 * - 'zoom': (1 + r0) * (y - my) + my, (1 + r1) * (x - mx) + mx.
 * - 'rotation', counterclockwise: c * (y - my) + s * (x - mx) + my, c * (x - mx) - s * (y - my) + mx, with the sine s and the cosine c
 *   of the angle.
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
  outputShapes: changedImage('randomAffine'),
};
