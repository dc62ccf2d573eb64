import type { OptimizerRule } from '../program/optimizer-description.js';
import { Optimizer, type OptimizerOptions } from './base-optimizer.js';

/** Learning rate 0.001 by default; the paper's is 1. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay of the means of squares, in [0, 1). Default 0.95. */
  rho?: number;
  /** Added to both means of squares, under the roots. Default 1e-7. */
  epsilon?: number;
}

/** Adadelta: Zeiler, "ADADELTA: an adaptive learning rate method" (2012). */
export class Adadelta extends Optimizer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Adadelta';

  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super('adadelta', options, ['rho', 'epsilon'], { learningRate: 0.001 });
    this.rho = this.readDecay('rho', options.rho ?? 0.95);
    this.epsilon = this.readEpsilon(options.epsilon ?? 1e-7);
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
