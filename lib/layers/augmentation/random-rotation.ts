import type { Attribute } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { RANDOM_AFFINE_OPTIONS, RandomAffineLayer, type RandomAffineOptions } from './base-random-affine.js';
import { type Factor, readFactor } from './base-random-image.js';

/** Options of {@link RandomRotation}. */
export interface RandomRotationOptions extends RandomAffineOptions {
  /** Range of the angle in full turns, counterclockwise; negative is clockwise. f stands for [-f, f]. */
  factor: Factor;
}

/**
 * Turns images [h, w, c] around their middle in training, each by an angle drawn evenly from the range; elsewhere it changes
 * nothing.
 */
export class RandomRotation extends RandomAffineLayer {
  static override readonly className: string = 'RandomRotation';
  static override readonly optionNames: OptionNames<RandomRotationOptions> = {
    ...RANDOM_AFFINE_OPTIONS,
    factor: true,
  };

  readonly factor: readonly [number, number];

  constructor(options: RandomRotationOptions) {
    super(options);
    this.factor = readFactor(this.checks, 'factor', options.factor);
  }

  protected override motion(): Record<string, Attribute> {
    return { kind: 'rotation', ranges: [...this.factor], keepAspect: false };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), factor: [...this.factor] };
  }
}

/** Turns images at random while training: see RandomRotation. */
export function randomRotation<const O extends RandomRotationOptions>(
  options: Given<O, RandomRotationOptions>,
): Shaped<RandomRotation, 'randomRotation', O> {
  return new RandomRotation(options);
}
