import type { Contract } from './contract.js';
import { changedImage } from './random-image.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `randomFlip`. */
export interface RandomFlipAttributes extends RandomSource {
  /** Whether to swap left and right if draw 0 is below 1/2. */
  horizontal: boolean;
  /** Whether to swap top and bottom if draw 1 is below 1/2. */
  vertical: boolean;
}

/**
 * Flips images [h, w, c] in training, each by its own draws; otherwise the identity. Draw k (0 to 3) of
 * sample n is random word 4n + k, divided by 2^32.
 */
export const randomFlip: Contract<RandomFlipAttributes> = {
  inputs: 'one',
  attributes: { horizontal: 'required', vertical: 'required', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes: changedImage,
};
