import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import { RANDOM_LAYER_OPTIONS, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import type { LayerConfig } from '../config.js';

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions extends RandomLayerOptions {
  /** Standard deviation of the noise, from 0 up. */
  stddev: number;
}

/** Adds normal noise of mean 0, in training only. Any shape to the same shape. */
export class GaussianNoise extends RandomLayer {
  static override readonly className: string = 'GaussianNoise';
  static override readonly optionNames: OptionNames<GaussianNoiseOptions> = {
    ...RANDOM_LAYER_OPTIONS,
    stddev: true,
  };

  readonly stddev: number;

  constructor(options: GaussianNoiseOptions) {
    super(options);
    this.stddev = this.checks.number('stddev', options.stddev, (stddev) => stddev >= 0, 'a number from 0 up');
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
      shape: lowering.shapeOf(input),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/** Adds normal noise while training: see GaussianNoise. */
export function gaussianNoise<const O extends GaussianNoiseOptions>(
  options: Given<O, GaussianNoiseOptions>,
): Shaped<GaussianNoise, 'gaussianNoise', O> {
  return new GaussianNoise(options);
}
