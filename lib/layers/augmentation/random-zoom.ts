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
  /** Range of the vertical zoom: 0.2 zooms out by 20 %, -0.2 zooms in. A number f stands for [-f, f]. */
  heightFactor: Factor;
  /**
   * Range of the horizontal zoom, as heightFactor. Default: the factor drawn for the height, which keeps the
   * aspect ratio.
   */
  widthFactor?: Factor;
}

const RANDOM_ZOOM_SCHEMA = {
  heightFactor: required(factor),
  widthFactor: optional(factor),
};

export interface RandomZoom extends FieldsOf<typeof RANDOM_ZOOM_SCHEMA> {}

/**
 * Zooms images [h, w, c] around their center in training. Outside training it is the identity.
 *
 * The factors are drawn uniformly for each image. An output pixel at distance d from the center shows the
 * input at distance (1 + factor) * d.
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

/** Makes a {@link RandomZoom} layer. */
export function randomZoom<const O extends RandomZoomOptions>(
  options: Given<O, RandomZoomOptions>,
): Shaped<RandomZoom, 'randomZoom', O> {
  return new RandomZoom(options);
}
