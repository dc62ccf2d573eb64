import type { OptimizerDescription } from '../program/description.js';
import { Optimizer } from './base-optimizer.js';

export interface AdamOptions {
  /** Default 0.001. */
  learningRate?: number;
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the mean of squares, outside the bias correction as in Keras. Default 1e-7. */
  epsilon?: number;
}

/** Adam: Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015), with Keras's place for epsilon. */
export class Adam extends Optimizer {
  static readonly className: string = 'Adam';

  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamOptions = {}) {
    super('adam', options, ['learningRate', 'beta1', 'beta2', 'epsilon'], 0.001);
    this.beta1 = this.readDecay('beta1', options.beta1 ?? 0.9);
    this.beta2 = this.readDecay('beta2', options.beta2 ?? 0.999);
    this.epsilon = this.checks.number('epsilon', options.epsilon ?? 1e-7, (e) => e > 0, 'a number above 0');
  }

  override describe(): OptimizerDescription {
    const { learningRate, beta1, beta2, epsilon } = this;
    return { kind: 'adam', learningRate, beta1, beta2, epsilon };
  }
}

/** See Adam. */
export function adam(options: AdamOptions = {}): Adam {
  return new Adam(options);
}
