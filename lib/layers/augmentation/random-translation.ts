import type { Attribute } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { RANDOM_AFFINE_OPTIONS, RandomAffineLayer, type RandomAffineOptions } from './base-random-affine.js';
import { type Factor, readFactor } from './base-random-image.js';

/** Options of {@link RandomTranslation}. */
export interface RandomTranslationOptions extends RandomAffineOptions {
  /** Range of the shift down, in heights of the image; negative is up. f stands for [-f, f]. */
  heightFactor: Factor;
  /** Range of the shift to the right, in widths of the image; negative is left. f stands for [-f, f]. */
  widthFactor: Factor;
}

/**
 * Shifts images [h, w, c] in training, each down by h * heightFactor and right by w * widthFactor, drawn evenly from these ranges;
 * elsewhere it changes nothing.
 */
export class RandomTranslation extends RandomAffineLayer {
  static override readonly className: string = 'RandomTranslation';
  static override readonly optionNames: OptionNames<RandomTranslationOptions> = {
    ...RANDOM_AFFINE_OPTIONS,
    heightFactor: true,
    widthFactor: true,
  };

  readonly heightFactor: readonly [number, number];
  readonly widthFactor: readonly [number, number];

  constructor(options: RandomTranslationOptions) {
    super(options);
    this.heightFactor = readFactor(this.checks, 'heightFactor', options.heightFactor);
    this.widthFactor = readFactor(this.checks, 'widthFactor', options.widthFactor);
  }

  protected override motion(): Record<string, Attribute> {
    const ranges = [...this.heightFactor, ...this.widthFactor];
    return { kind: 'translation', ranges, keepAspect: false };
  }

  override getConfig(): LayerConfig {
    const { heightFactor, widthFactor } = this;
    return { ...super.getConfig(), heightFactor: [...heightFactor], widthFactor: [...widthFactor] };
  }
}

/** Shifts images at random while training: see RandomTranslation. */
export function randomTranslation<const O extends RandomTranslationOptions>(
  options: Given<O, RandomTranslationOptions>,
): Shaped<RandomTranslation, 'randomTranslation', O> {
  return new RandomTranslation(options);
}
