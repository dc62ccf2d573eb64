import { flagIfTrue } from '../option-kinds.js';
import { type FieldsOf, optional, type Schema } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Adam}. The learning rate defaults to 0.001. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the mean of squares, outside the bias correction as in Keras. Default 1e-7. */
  epsilon?: number;
  /** Whether the largest mean of squares so far replaces the current one. Default false. */
  amsgrad?: boolean;
}

export const ADAM_SCHEMA = {
  beta1: optional(decay, 0.9),
  beta2: optional(decay, 0.999),
  epsilon: optional(epsilon, 1e-7),
  amsgrad: optional(flagIfTrue, false),
} satisfies RuleSchemaOf<AdamOptions>;

export interface Adam extends FieldsOf<typeof ADAM_SCHEMA> {}

/**
 * The Adam optimizer: Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015). With a
 * gradient g in update t:
 *
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) g^2
 *     w -= learningRate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 *
 * Epsilon is placed as in Keras. amsgrad is by Reddi, Kale and Kumar, "On the convergence of Adam and beyond"
 * (ICLR 2018).
 */
export class Adam extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adam';

  constructor(options?: AdamOptions);
  /** @internal */
  constructor(options: AdamOptions, subject: string, schema: Schema);
  constructor(options: AdamOptions = {}, subject = 'adam', schema: Schema = ADAM_SCHEMA) {
    super(subject, options, schema, 0.001);
  }

  protected rule(): OptimizerRule {
    const { beta1, beta2, epsilon, amsgrad } = this;
    return { kind: 'adam', beta1, beta2, epsilon, ...(amsgrad && { amsgrad }) };
  }
}

/** See Adam. */
export function adam(options: AdamOptions = {}): Adam {
  return new Adam(options);
}
