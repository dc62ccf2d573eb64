import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { showShape } from '../shapes.js';
import { BaseDropout, type BaseDropoutOptions, type NoiseAttributes } from './base-dropout.js';

/** Options of {@link SpatialDropout2D}. */
export type SpatialDropout2DOptions = BaseDropoutOptions;

/**
 * Drops whole channels of [height, width, channels], in training only: the others are scaled by 1 / (1 - rate).
 * Throws SHAPE_MISMATCH for an input of other axes.
 */
export class SpatialDropout2D extends BaseDropout {
  static override readonly className: string = 'SpatialDropout2D';
  static override readonly ignoredConfig = { dataFormat: 'channelsLast' };

  protected override attributesFor(inputShape: Shape): NoiseAttributes {
    if (inputShape.length !== 3) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `the input has the shape ${showShape(inputShape)}; SpatialDropout2D takes [height, width, channels].`,
      );
    }
    return { noiseShape: [1, 1, inputShape[2]] };
  }
}

/** Drops channels at random while training: see SpatialDropout2D. */
export function spatialDropout2d<const O extends SpatialDropout2DOptions>(
  options: Given<O, SpatialDropout2DOptions>,
): Shaped<SpatialDropout2D, 'spatialDropout2d', O> {
  return new SpatialDropout2D(options);
}
