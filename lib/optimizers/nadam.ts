import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Nadam}. The learning rate defaults to 0.001. */
export interface NadamOptions extends OptimizerOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the bias-corrected mean of squares. Default 1e-7. */
  epsilon?: number;
}

const NADAM_SCHEMA = {
  beta1: optional(decay, 0.9),
  beta2: optional(decay, 0.999),
  epsilon: optional(epsilon, 1e-7),
} satisfies RuleSchemaOf<NadamOptions>;

export interface Nadam extends FieldsOf<typeof NADAM_SCHEMA> {}

/**
 * The Nadam optimizer: Adam with Nesterov momentum (Dozat, "Incorporating Nesterov momentum into Adam",
 * 2016).
 */
export class Nadam extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Nadam';

  constructor(options: NadamOptions = {}) {
    super('nadam', options, NADAM_SCHEMA, 0.001);
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
