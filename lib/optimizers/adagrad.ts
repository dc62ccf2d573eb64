import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Options of {@link Adagrad}. The learning rate defaults to 0.001. */
export interface AdagradOptions extends OptimizerOptions {
  /** The initial sum of squared gradients, at least 0. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Added to the sum of squares, inside the square root. Default 1e-7. */
  epsilon?: number;
}

/**
 * The Adagrad optimizer: a += g^2, w -= learningRate g / sqrt(a + epsilon) for a gradient g (Duchi, Hazan and
 * Singer, "Adaptive subgradient methods", JMLR 2011).
 */
export class Adagrad extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adagrad';

  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super('adagrad', options, ['initialAccumulatorValue', 'epsilon'], { learningRate: 0.001 });
    this.initialAccumulatorValue = this.checks.number(
      'initialAccumulatorValue',
      options.initialAccumulatorValue ?? 0.1,
      (value) => value >= 0,
      'a finite number from 0 up',
    );
    this.epsilon = this.readEpsilon(options.epsilon ?? 1e-7);
  }

  protected rule(): OptimizerRule {
    const { initialAccumulatorValue, epsilon } = this;
    return { kind: 'adagrad', initialAccumulatorValue, epsilon };
  }
}

/** See Adagrad. */
export function adagrad(options: AdagradOptions = {}): Adagrad {
  return new Adagrad(options);
}
