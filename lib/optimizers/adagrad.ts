import { fromZero } from '../option-kinds.js';
import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Adagrad}. The learning rate defaults to 0.001. */
export interface AdagradOptions extends OptimizerOptions {
  /** The initial sum of squared gradients, at least 0. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Added to the sum of squares, inside the square root. Default 1e-7. */
  epsilon?: number;
}

const ADAGRAD_SCHEMA = {
  initialAccumulatorValue: optional(fromZero, 0.1),
  epsilon: optional(epsilon, 1e-7),
} satisfies RuleSchemaOf<AdagradOptions>;

export interface Adagrad extends FieldsOf<typeof ADAGRAD_SCHEMA> {}

/**
 * The Adagrad optimizer: a += g^2, w -= learningRate g / sqrt(a + epsilon) for a gradient g (Duchi, Hazan and
 * Singer, "Adaptive subgradient methods", JMLR 2011).
 */
export class Adagrad extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adagrad';

  constructor(options: AdagradOptions = {}) {
    super('adagrad', options, ADAGRAD_SCHEMA, 0.001);
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
