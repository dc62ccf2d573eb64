import { Regularizer, readFactors } from './base-regularizer.js';

/** Options of {@link L1}. */
export interface L1Options {
  /** The factor. Default 0.01. */
  l1?: number;
}

/** The penalty l1 * sum |w|, which drives weights to 0. */
export class L1 extends Regularizer {
  readonly className = 'L1';
  readonly l1: number;

  constructor(options: L1Options = {}) {
    super();
    this.l1 = readFactors('l1', options, ['l1'], 0.01).l1;
  }

  describe(): { l1: number; l2: number } {
    return { l1: this.l1, l2: 0 };
  }

  getConfig(): Record<string, unknown> {
    return { l1: this.l1 };
  }
}
