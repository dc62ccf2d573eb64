import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

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

/**
 * The RMSprop optimizer: v = rho v + (1 - rho) g^2, w -= learningRate g / sqrt(v + epsilon) for a gradient g
 * (Tieleman and Hinton, 2012).
 */
export class RMSprop extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'RMSprop';

  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super('rmsprop', options, ['rho', 'momentum', 'epsilon', 'centered'], { learningRate: 0.001 });
    this.rho = this.readDecay('rho', options.rho ?? 0.9);
    this.momentum = this.readDecay('momentum', options.momentum ?? 0);
    this.epsilon = this.readEpsilon(options.epsilon ?? 1e-7);
    this.centered = this.checks.boolean('centered', options.centered ?? false);
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
