import { checkImage } from '../../program/contracts/window.js';
import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { BaseDropout, type BaseDropoutOptions, type NoiseAttributes } from './base-dropout.js';

/** Options of {@link SpatialDropout2D}. */
export type SpatialDropout2DOptions = BaseDropoutOptions;

/**
 * Spatial dropout of images [height, width, channels]: in training it drops whole channels and scales the
 * others by 1 / (1 - rate). Adjacent pixels are often correlated, so dropping single elements would
 * regularize little. Outside training it is the identity.
 *
 * Throws SHAPE_MISMATCH for an input with other axes.
 */
export class SpatialDropout2D extends BaseDropout {
  static override readonly className: string = 'SpatialDropout2D';
  static override readonly ignoredConfig = { dataFormat: 'channelsLast' };

  protected override attributesFor(inputShape: Shape): NoiseAttributes {
    checkImage(this.checks, inputShape);
    return { noiseShape: [1, 1, inputShape[2]] };
  }
}

/** Makes a {@link SpatialDropout2D} layer. */
export function spatialDropout2d<const O extends SpatialDropout2DOptions>(
  options: Given<O, SpatialDropout2DOptions>,
): Shaped<SpatialDropout2D, 'spatialDropout2d', O> {
  return new SpatialDropout2D(options);
}
