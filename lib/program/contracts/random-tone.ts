import type { Contract } from './contract.js';
import { changedImage } from './random-image.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';
import type { Pair } from './window.js';

/** Attributes of `randomTone`. All numbers are rounded to float32. */
export interface RandomToneAttributes extends RandomSource {
  /** What the op changes. */
  kind: 'contrast' | 'brightness';
  /** [low, high] of the drawn factor. */
  range: Pair;
  /** [low, high] that results are clipped to. */
  limits: Pair;
}

/**
 * Changes the contrast or brightness of images [h, w, c] in training, each by its own draw; otherwise the
 * identity. Draw k of sample n is as for `randomFlip`. r = low + (high - low) * draw 0 for the range, rounded
 * to float32.
 *
 * 'contrast' gives (x - m) * r + m, where m is the mean of the image's channel; 'brightness' gives x + r.
 * Both are then clipped to the limits. Clipped elements have no gradient.
 */
export const randomTone: Contract<RandomToneAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', range: 'required', limits: 'required', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes: changedImage,
};
