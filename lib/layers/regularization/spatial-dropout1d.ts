import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { checkSequence } from '../reshaping/sequences.js';
import { BaseDropout, type BaseDropoutOptions, type NoiseAttributes } from './base-dropout.js';

/** Options of {@link SpatialDropout1D}. */
export type SpatialDropout1DOptions = BaseDropoutOptions;

/**
 * Spatial dropout of sequences [steps, channels]: in training it drops whole channels and scales the others
 * by 1 / (1 - rate). Adjacent steps are often correlated, so dropping single elements would regularize
 * little. Outside training it is the identity.
 *
 * Throws SHAPE_MISMATCH for an input with other axes.
 */
export class SpatialDropout1D extends BaseDropout {
  static override readonly className: string = 'SpatialDropout1D';
  static override readonly ignoredConfig = { dataFormat: 'channelsLast' };

  protected override attributesFor(inputShape: Shape): NoiseAttributes {
    checkSequence(this.checks, inputShape);
    return { noiseShape: [1, inputShape[1]] };
  }
}

/** Makes a {@link SpatialDropout1D} layer. */
export function spatialDropout1d<const O extends SpatialDropout1DOptions>(
  options: Given<O, SpatialDropout1DOptions>,
): Shaped<SpatialDropout1D, 'spatialDropout1d', O> {
  return new SpatialDropout1D(options);
}
