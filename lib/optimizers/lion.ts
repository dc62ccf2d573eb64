import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Lion}. The learning rate defaults to 0.001. */
export interface LionOptions extends OptimizerOptions {
  /** The weight of the mean of gradients in an update; the gradient has the rest. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of gradients. Default 0.99. */
  beta2?: number;
}

const LION_SCHEMA = {
  beta1: optional(decay, 0.9),
  beta2: optional(decay, 0.99),
} satisfies RuleSchemaOf<LionOptions>;

export interface Lion extends FieldsOf<typeof LION_SCHEMA> {}

/**
 * The Lion optimizer, whose updates all have the size of the learning rate: w -= learningRate sign(beta1 m +
 * (1 - beta1) g), then m = beta2 m + (1 - beta2) g (Chen et al., "Symbolic discovery of optimization
 * algorithms", 2023).
 */
export class Lion extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Lion';

  constructor(options: LionOptions = {}) {
    super('lion', options, LION_SCHEMA, 0.001);
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
