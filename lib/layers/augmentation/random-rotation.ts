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
  /**
   * Range of the angle in full turns, counterclockwise: 0.25 is 90 degrees. Negative angles are clockwise. A
   * number f stands for [-f, f].
   */
  factor: Factor;
}

const RANDOM_ROTATION_SCHEMA = { factor: required(factor) };

export interface RandomRotation extends FieldsOf<typeof RANDOM_ROTATION_SCHEMA> {}

/**
 * Rotates images [h, w, c] around their center in training, each by an angle drawn uniformly from `factor`.
 * Outside training it is the identity.
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

/** Makes a {@link RandomRotation} layer. */
export function randomRotation<const O extends RandomRotationOptions>(
  options: Given<O, RandomRotationOptions>,
): Shaped<RandomRotation, 'randomRotation', O> {
  return new RandomRotation(options);
}
