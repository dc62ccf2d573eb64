import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Adamax}. The learning rate defaults to 0.001. */
export interface AdamaxOptions extends OptimizerOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the largest gradient. Default 0.999. */
  beta2?: number;
  /** Added to the largest gradient. Default 1e-7. */
  epsilon?: number;
}

const ADAMAX_SCHEMA = {
  beta1: optional(decay, 0.9),
  beta2: optional(decay, 0.999),
  epsilon: optional(epsilon, 1e-7),
} satisfies RuleSchemaOf<AdamaxOptions>;

export interface Adamax extends FieldsOf<typeof ADAMAX_SCHEMA> {}

/**
 * The Adamax optimizer: Adam with the largest gradient, u = max(beta2 u, |g|), in place of the root of the
 * mean of squares (Kingma and Ba, "Adam", ICLR 2015, section 7.1).
 */
export class Adamax extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adamax';

  constructor(options: AdamaxOptions = {}) {
    super('adamax', options, ADAMAX_SCHEMA, 0.001);
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
