import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Options of {@link Adamax}. The learning rate defaults to 0.001. */
export interface AdamaxOptions extends OptimizerOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the largest gradient. Default 0.999. */
  beta2?: number;
  /** Added to the largest gradient. Default 1e-7. */
  epsilon?: number;
}

/**
 * The Adamax optimizer: Adam with the largest gradient, u = max(beta2 u, |g|), in place of the root of the
 * mean of squares (Kingma and Ba, "Adam", ICLR 2015, section 7.1).
 */
export class Adamax extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adamax';

  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamaxOptions = {}) {
    super('adamax', options, ['beta1', 'beta2', 'epsilon'], { learningRate: 0.001 });
    this.beta1 = this.readDecay('beta1', options.beta1 ?? 0.9);
    this.beta2 = this.readDecay('beta2', options.beta2 ?? 0.999);
    this.epsilon = this.readEpsilon(options.epsilon ?? 1e-7);
  }

  protected rule(): OptimizerRule {
    const { beta1, beta2, epsilon } = this;
    return { kind: 'adamax', beta1, beta2, epsilon };
  }
}

/** See Adamax. */
export function adamax(options: AdamaxOptions = {}): Adamax {
  return new Adamax(options);
}
