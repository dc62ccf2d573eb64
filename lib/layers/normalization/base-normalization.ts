import { getInitializer, type Initializer, type InitializerIdentifier } from '../../initializers/index.js';
import type { ParameterDescription, Shape } from '../../program/description.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames, type WeightSpec } from '../base-layer.js';
import { initializerConfig, type LayerConfig } from '../config.js';

/** What every normalization takes. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to variances, so that none is 0. Default 1e-3. */
  epsilon?: number;
  /** Whether there is a beta that is added. Default true. */
  center?: boolean;
  /** Whether there is a gamma that is multiplied by. Default true. */
  scale?: boolean;
  /** Default 'zeros'. */
  betaInitializer?: InitializerIdentifier;
  /** Default 'ones'. */
  gammaInitializer?: InitializerIdentifier;
}

export const NORMALIZATION_OPTIONS: OptionNames<NormalizationOptions> = {
  ...LAYER_OPTIONS,
  epsilon: true,
  center: true,
  scale: true,
  betaInitializer: true,
  gammaInitializer: true,
};

/** gamma * (x - mean) / sqrt(variance + epsilon) + beta, over values that differ between normalizations. Its output has its input's shape. */
export abstract class BaseNormalization extends Layer {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: Initializer;
  readonly gammaInitializer: Initializer;

  constructor(options: NormalizationOptions) {
    super(options);
    const { checks } = this;
    this.epsilon = checks.number(
      'epsilon',
      options.epsilon ?? 1e-3,
      (value) => value > 0,
      'a number above 0',
    );
    this.center = checks.boolean('center', options.center ?? true);
    this.scale = checks.boolean('scale', options.scale ?? true);
    this.betaInitializer = getInitializer(options.betaInitializer ?? 'zeros');
    this.gammaInitializer = getInitializer(options.gammaInitializer ?? 'ones');
  }

  /** Shape of gamma and beta. */
  protected abstract scalingShape(inputShape: Shape): Shape;

  override computeOutputShape(inputShape: Shape): Shape {
    this.scalingShape(inputShape);
    return inputShape;
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.scalingShape(inputShape);
    const specs: WeightSpec[] = [];
    if (this.scale) specs.push({ name: 'gamma', shape, initializer: this.gammaInitializer });
    if (this.center) specs.push({ name: 'beta', shape, initializer: this.betaInitializer });
    return specs;
  }

  /** The weights as the ops have them: of one axis. */
  protected lowerParameters(inputShape: Shape): ParameterDescription[] {
    return this.weightSpecs(inputShape).map(({ name, shape, trainable = true }) => ({
      name,
      shape: [shape.reduce((product, size) => product * size, 1)],
      trainable,
    }));
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(this.betaInitializer),
      gammaInitializer: initializerConfig(this.gammaInitializer),
    };
  }
}
