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
  /**
   * Range of the downward shift, as a fraction of the height; negative shifts up. A number f stands for
   * [-f, f].
   */
  heightFactor: Factor;
  /**
   * Range of the shift to the right, as a fraction of the width; negative shifts left. A number f stands for
   * [-f, f].
   */
  widthFactor: Factor;
}

const RANDOM_TRANSLATION_SCHEMA = {
  heightFactor: required(factor),
  widthFactor: required(factor),
};

export interface RandomTranslation extends FieldsOf<typeof RANDOM_TRANSLATION_SCHEMA> {}

/**
 * Shifts images [h, w, c] in training: down by h * heightFactor and right by w * widthFactor. Both factors
 * are drawn uniformly for each image. Outside training it is the identity.
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

/** Makes a {@link RandomTranslation} layer. */
export function randomTranslation<const O extends RandomTranslationOptions>(
  options: Given<O, RandomTranslationOptions>,
): Shaped<RandomTranslation, 'randomTranslation', O> {
  return new RandomTranslation(options);
}
