import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Learning rate 0.001 by default. */
export interface AdagradOptions extends OptimizerOptions {
  /** Where the sums of squared gradients start, from 0 up. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Added to the sum of squares, under the root. Default 1e-7. */
  epsilon?: number;
}

/** Adagrad: Duchi, Hazan and Singer, "Adaptive subgradient methods" (JMLR 2011). */
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
