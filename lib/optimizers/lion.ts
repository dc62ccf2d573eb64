import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Options of {@link Lion}. The learning rate defaults to 0.001. */
export interface LionOptions extends OptimizerOptions {
  /** The weight of the mean of gradients in an update; the gradient has the rest. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of gradients. Default 0.99. */
  beta2?: number;
}

/**
 * The Lion optimizer, whose updates all have the size of the learning rate: w -= learningRate sign(beta1 m +
 * (1 - beta1) g), then m = beta2 m + (1 - beta2) g (Chen et al., "Symbolic discovery of optimization
 * algorithms", 2023).
 */
export class Lion extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Lion';

  readonly beta1: number;
  readonly beta2: number;

  constructor(options: LionOptions = {}) {
    super('lion', options, ['beta1', 'beta2'], { learningRate: 0.001 });
    this.beta1 = this.readDecay('beta1', options.beta1 ?? 0.9);
    this.beta2 = this.readDecay('beta2', options.beta2 ?? 0.99);
  }

  protected rule(): OptimizerRule {
    const { beta1, beta2 } = this;
    return { kind: 'lion', beta1, beta2 };
  }
}

/** See Lion. */
export function lion(options: LionOptions = {}): Lion {
  return new Lion(options);
}
