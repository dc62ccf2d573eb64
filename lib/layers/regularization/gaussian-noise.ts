import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { RANDOM_LAYER_SCHEMA, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions extends RandomLayerOptions {
  /** Standard deviation of the noise; at least 0. */
  stddev: number;
}

const NOISE_SCHEMA = { stddev: required(fromZero) };

export interface GaussianNoise extends FieldsOf<typeof NOISE_SCHEMA> {}

/**
 * Adds normal noise of mean 0 to each element in training, a form of data augmentation. Outside training it
 * is the identity. The output has the input's shape.
 */
export class GaussianNoise extends RandomLayer {
  static override readonly className: string = 'GaussianNoise';
  static override readonly schema: SchemaOf<GaussianNoiseOptions> = {
    ...RANDOM_LAYER_SCHEMA,
    ...NOISE_SCHEMA,
  };

  constructor(options: GaussianNoiseOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    return inputShape;
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'gaussianNoise',
      inputs: [input],
      attributes: { stddev: this.stddev, ...this.drawsFrom(lowering) },
    });
  }
}

/** Makes a {@link GaussianNoise} layer. */
export function gaussianNoise<const O extends GaussianNoiseOptions>(
  options: Given<O, GaussianNoiseOptions>,
): Shaped<GaussianNoise, 'gaussianNoise', O> {
  return new GaussianNoise(options);
}
