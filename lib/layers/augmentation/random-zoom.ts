import type { Given, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import {
  type Motion,
  RANDOM_AFFINE_SCHEMA,
  RandomAffineLayer,
  type RandomAffineOptions,
} from './base-random-affine.js';
import { type Factor, factor } from './base-random-image.js';

/** Options of {@link RandomZoom}. */
export interface RandomZoomOptions extends RandomAffineOptions {
  /** Range of how much more of the height is seen: 0.2 zooms out by 20 %, -0.2 zooms in. f stands for [-f, f]. */
  heightFactor: Factor;
  /** The same of the width. Default: what was drawn for the height, so that the aspect stays. */
  widthFactor?: Factor;
}

const RANDOM_ZOOM_SCHEMA = {
  heightFactor: required(factor),
  widthFactor: optional(factor),
};

export interface RandomZoom extends FieldsOf<typeof RANDOM_ZOOM_SCHEMA> {}

/**
 * Zooms images [h, w, c] around their middle in training: what lies at distance d of an output's middle was at distance
 * (1 + factor) * d, with factors drawn evenly from these ranges for each image; elsewhere it changes nothing.
 */
export class RandomZoom extends RandomAffineLayer {
  static override readonly className: string = 'RandomZoom';
  static override readonly schema: SchemaOf<RandomZoomOptions> = {
    ...RANDOM_AFFINE_SCHEMA,
    ...RANDOM_ZOOM_SCHEMA,
  };

  constructor(options: RandomZoomOptions) {
    super(options);
  }

  protected override motion(): Motion {
    const { heightFactor, widthFactor = heightFactor } = this;
    const ranges = [...heightFactor, ...widthFactor];
    return { kind: 'zoom', ranges, keepAspect: this.widthFactor === undefined };
  }
}

/** Zooms images at random while training: see RandomZoom. */
export function randomZoom<const O extends RandomZoomOptions>(
  options: Given<O, RandomZoomOptions>,
): Shaped<RandomZoom, 'randomZoom', O> {
  return new RandomZoom(options);
}
