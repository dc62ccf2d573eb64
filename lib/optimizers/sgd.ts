import { flag } from '../option-kinds.js';
import { type FieldsOf, optional } from '../option-schema.js';
import type { OptimizerRule } from '../program/optimizer-description.js';
import { decay, Optimizer, type OptimizerOptions, type RuleSchemaOf } from './base-optimizer.js';

/** Options of {@link SGD}. The learning rate defaults to 0.01. */
export interface SGDOptions extends OptimizerOptions {
  /** The factor of the previous update that is added to the current one, in [0, 1). Default 0. */
  momentum?: number;
  /** Whether to use Nesterov momentum. Default false. */
  nesterov?: boolean;
}

const SGD_SCHEMA = {
  momentum: optional(decay, 0),
  nesterov: optional(flag, false),
} satisfies RuleSchemaOf<SGDOptions>;

export interface SGD extends FieldsOf<typeof SGD_SCHEMA> {}

/**
 * Stochastic gradient descent: v = momentum v - learningRate g, w += v for a gradient g. With nesterov, w +=
 * momentum v - learningRate g, where v is the new one.
 */
export class SGD extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'SGD';

  constructor(options: SGDOptions = {}) {
    super('sgd', options, SGD_SCHEMA, 0.01);
    if (this.nesterov && this.momentum === 0) {
      this.checks.fail('INVALID_ARGUMENT', 'nesterov needs a momentum above 0, such as 0.9.');
    }
  }

  protected rule(): OptimizerRule {
    const { momentum, nesterov } = this;
    return { kind: 'sgd', momentum, nesterov };
  }
}

/** See SGD. */
export function sgd(options: SGDOptions = {}): SGD {
  return new SGD(options);
}
