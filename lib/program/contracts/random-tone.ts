import type { Contract } from './contract.js';
import { changedImage } from './random-image.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';
import type { Pair } from './window.js';

/** Attributes of `randomTone`. All numbers are rounded to float32. */
export interface RandomToneAttributes extends RandomSource {
  /** What is changed. */
  kind: 'contrast' | 'brightness';
  /** [low, high] of what is drawn. */
  range: Pair;
  /** [low, high] of what is given. */
  limits: Pair;
}

/**
 * Changes the contrast or brightness of images [h, w, c] in training, each by a draw of its own; elsewhere the identity. Draw k of
 * sample n is as for `randomFlip`. r = low + (high - low) * draw 0 of the range, rounded to float32.
 *
 * 'contrast' gives (x - m) * r + m with the mean m of the image's channel, 'brightness' x + r. Both are then limited. No gradient passes
 * where they are below the lower limit or above the upper one.
 */
export const randomTone: Contract<RandomToneAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', range: 'required', limits: 'required', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes: changedImage('randomTone'),
};
