import type { Given, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import {
  type Motion,
  RANDOM_AFFINE_SCHEMA,
  RandomAffineLayer,
  type RandomAffineOptions,
} from './base-random-affine.js';
import { type Factor, factor } from './base-random-image.js';

/** Options of {@link RandomRotation}. */
export interface RandomRotationOptions extends RandomAffineOptions {
  /** Range of the angle in full turns, counterclockwise; negative is clockwise. f stands for [-f, f]. */
  factor: Factor;
}

const RANDOM_ROTATION_SCHEMA = { factor: required(factor) };

export interface RandomRotation extends FieldsOf<typeof RANDOM_ROTATION_SCHEMA> {}

/**
 * Turns images [h, w, c] around their middle in training, each by an angle drawn evenly from the range; elsewhere it changes
 * nothing.
 */
export class RandomRotation extends RandomAffineLayer {
  static override readonly className: string = 'RandomRotation';
  static override readonly schema: SchemaOf<RandomRotationOptions> = {
    ...RANDOM_AFFINE_SCHEMA,
    ...RANDOM_ROTATION_SCHEMA,
  };

  constructor(options: RandomRotationOptions) {
    super(options);
  }

  protected override motion(): Motion {
    return { kind: 'rotation', ranges: [...this.factor], keepAspect: false };
  }
}

/** Turns images at random while training: see RandomRotation. */
export function randomRotation<const O extends RandomRotationOptions>(
  options: Given<O, RandomRotationOptions>,
): Shaped<RandomRotation, 'randomRotation', O> {
  return new RandomRotation(options);
}
