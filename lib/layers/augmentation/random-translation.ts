import type { Given, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import {
  type Motion,
  RANDOM_AFFINE_SCHEMA,
  RandomAffineLayer,
  type RandomAffineOptions,
} from './base-random-affine.js';
import { type Factor, factor } from './base-random-image.js';

/** Options of {@link RandomTranslation}. */
export interface RandomTranslationOptions extends RandomAffineOptions {
  /** Range of the shift down, in heights of the image; negative is up. f stands for [-f, f]. */
  heightFactor: Factor;
  /** Range of the shift to the right, in widths of the image; negative is left. f stands for [-f, f]. */
  widthFactor: Factor;
}

const RANDOM_TRANSLATION_SCHEMA = {
  heightFactor: required(factor),
  widthFactor: required(factor),
};

export interface RandomTranslation extends FieldsOf<typeof RANDOM_TRANSLATION_SCHEMA> {}

/**
 * Shifts images [h, w, c] in training, each down by h * heightFactor and right by w * widthFactor, drawn evenly from these ranges;
 * elsewhere it changes nothing.
 */
export class RandomTranslation extends RandomAffineLayer {
  static override readonly className: string = 'RandomTranslation';
  static override readonly schema: SchemaOf<RandomTranslationOptions> = {
    ...RANDOM_AFFINE_SCHEMA,
    ...RANDOM_TRANSLATION_SCHEMA,
  };

  constructor(options: RandomTranslationOptions) {
    super(options);
  }

  protected override motion(): Motion {
    const ranges = [...this.heightFactor, ...this.widthFactor];
    return { kind: 'translation', ranges, keepAspect: false };
  }
}

/** Shifts images at random while training: see RandomTranslation. */
export function randomTranslation<const O extends RandomTranslationOptions>(
  options: Given<O, RandomTranslationOptions>,
): Shaped<RandomTranslation, 'randomTranslation', O> {
  return new RandomTranslation(options);
}
