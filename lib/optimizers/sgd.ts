import type { OptimizerDescription } from '../program/description.js';
import { Optimizer } from './base-optimizer.js';

export interface SGDOptions {
  /** Default 0.01. */
  learningRate?: number;
  /** Share of the last step that is taken again, in [0, 1). Default 0. */
  momentum?: number;
  /** Whether the gradient is meant for where momentum leads. Default false. */
  nesterov?: boolean;
}

/** Stochastic gradient descent, with momentum if asked for. */
export class SGD extends Optimizer {
  static readonly className: string = 'SGD';

  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super('sgd', options, ['learningRate', 'momentum', 'nesterov'], 0.01);
    this.momentum = this.readDecay('momentum', options.momentum ?? 0);
    this.nesterov = this.checks.boolean('nesterov', options.nesterov ?? false);
    if (this.nesterov && this.momentum === 0) {
      this.checks.fail('INVALID_ARGUMENT', 'nesterov needs a momentum above 0, such as 0.9.');
    }
  }

  override describe(): OptimizerDescription {
    const { learningRate, momentum, nesterov } = this;
    return { kind: 'sgd', learningRate, momentum, nesterov };
  }
}

/** See SGD. */
export function sgd(options: SGDOptions = {}): SGD {
  return new SGD(options);
}
