import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { fromZero } from '../options/kinds.js';
import { own, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0; at least 0. Default 0.3. */
  alpha?: number;
  /** Keras 3's name for alpha. Give only one of the two. */
  negativeSlope?: number;
}

/**
 * Leaky rectified linear unit: x where x > 0, otherwise alpha * x. The output has the input's shape.
 *
 * The slope below 0 lets a gradient through where ReLU passes none.
 */
export class LeakyReLU extends ActivationLayer {
  static override readonly className: string = 'LeakyReLU';
  static override readonly schema: SchemaOf<LeakyReLUOptions> = {
    ...LAYER_SCHEMA,
    alpha: own,
    negativeSlope: own,
  };

  readonly alpha: number;

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
    const { alpha, negativeSlope } = options;
    if (alpha != null && negativeSlope != null) {
      this.checks.fail('INVALID_ARGUMENT', 'alpha and negativeSlope are the same option; give one of them.');
    }
    this.alpha =
      alpha == null
        ? fromZero.read(this.checks, 'negativeSlope', negativeSlope ?? 0.3)
        : fromZero.read(this.checks, 'alpha', alpha);
  }

  /** @internal */
  override attributesFor(): ActivationAttributes {
    return { kind: 'relu', negativeSlope: this.alpha };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Makes a {@link LeakyReLU} layer. */
export function leakyReLU<const O extends LeakyReLUOptions = NoOptions>(
  options?: Given<O, LeakyReLUOptions>,
): Shaped<LeakyReLU, 'leakyReLU', O> {
  return new LeakyReLU(options);
}
