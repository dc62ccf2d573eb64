import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Options of {@link Nadam}. The learning rate defaults to 0.001. */
export interface NadamOptions extends OptimizerOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the bias-corrected mean of squares. Default 1e-7. */
  epsilon?: number;
}

/**
 * The Nadam optimizer: Adam with Nesterov momentum (Dozat, "Incorporating Nesterov momentum into Adam",
 * 2016).
 */
export class Nadam extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Nadam';

  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: NadamOptions = {}) {
    super('nadam', options, ['beta1', 'beta2', 'epsilon'], { learningRate: 0.001 });
    this.beta1 = this.readDecay('beta1', options.beta1 ?? 0.9);
    this.beta2 = this.readDecay('beta2', options.beta2 ?? 0.999);
    this.epsilon = this.readEpsilon(options.epsilon ?? 1e-7);
  }

  protected rule(): OptimizerRule {
    const { beta1, beta2, epsilon } = this;
    return { kind: 'nadam', beta1, beta2, epsilon };
  }
}

/** See Nadam. */
export function nadam(options: NadamOptions = {}): Nadam {
  return new Nadam(options);
}
