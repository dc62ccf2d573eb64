import { flag } from '../option-kinds.js';
import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link RMSprop}. The learning rate defaults to 0.001. */
export interface RMSpropOptions extends OptimizerOptions {
  /** Decay of the mean of squared gradients, in [0, 1). Default 0.9. */
  rho?: number;
  /** The factor of the previous update that is added to the current one, in [0, 1). Default 0. */
  momentum?: number;
  /** Added to the mean of squares, inside the square root as in Keras. Default 1e-7. */
  epsilon?: number;
  /** Whether the variance of gradients replaces the mean of squares. Default false. */
  centered?: boolean;
}

const RMSPROP_SCHEMA = {
  rho: optional(decay, 0.9),
  momentum: optional(decay, 0),
  epsilon: optional(epsilon, 1e-7),
  centered: optional(flag, false),
} satisfies RuleSchemaOf<RMSpropOptions>;

export interface RMSprop extends FieldsOf<typeof RMSPROP_SCHEMA> {}

/**
 * The RMSprop optimizer: v = rho v + (1 - rho) g^2, w -= learningRate g / sqrt(v + epsilon) for a gradient g
 * (Tieleman and Hinton, 2012).
 */
export class RMSprop extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'RMSprop';

  constructor(options: RMSpropOptions = {}) {
    super('rmsprop', options, RMSPROP_SCHEMA, 0.001);
  }

  protected rule(): OptimizerRule {
    const { rho, momentum, epsilon, centered } = this;
    return { kind: 'rmsprop', rho, momentum, epsilon, centered };
  }
}

/** See RMSprop. */
export function rmsprop(options: RMSpropOptions = {}): RMSprop {
  return new RMSprop(options);
}
