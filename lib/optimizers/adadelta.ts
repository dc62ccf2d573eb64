import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, epsilon, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link Adadelta}. The learning rate defaults to 0.001; the paper uses 1. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay of the means of squares, in [0, 1). Default 0.95. */
  rho?: number;
  /** Added to both means of squares, inside the square roots. Default 1e-7. */
  epsilon?: number;
}

const ADADELTA_SCHEMA = {
  rho: optional(decay, 0.95),
  epsilon: optional(epsilon, 1e-7),
} satisfies RuleSchemaOf<AdadeltaOptions>;

export interface Adadelta extends FieldsOf<typeof ADADELTA_SCHEMA> {}

/**
 * The Adadelta optimizer: Zeiler, "ADADELTA: an adaptive learning rate method" (2012). With a gradient g,
 * means a and b, and e for epsilon:
 *
 *     a = rho a + (1 - rho) g^2
 *     d = sqrt(b + e) / sqrt(a + e) g
 *     b = rho b + (1 - rho) d^2
 *     w -= learningRate d
 */
export class Adadelta extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adadelta';

  constructor(options: AdadeltaOptions = {}) {
    super('adadelta', options, ADADELTA_SCHEMA, 0.001);
  }

  protected rule(): OptimizerRule {
    const { rho, epsilon } = this;
    return { kind: 'adadelta', rho, epsilon };
  }
}

/** See Adadelta. */
export function adadelta(options: AdadeltaOptions = {}): Adadelta {
  return new Adadelta(options);
}
