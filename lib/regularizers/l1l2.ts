import { Regularizer, readFactors } from './base-regularizer.js';

/** Options of {@link L1L2}. */
export interface L1L2Options {
  /** The factor of the absolute values. Default 0. */
  l1?: number;
  /** The factor of the squares. Default 0. */
  l2?: number;
}

/** The penalty l1 * sum |w| + l2 * sum w^2. */
export class L1L2 extends Regularizer {
  readonly className = 'L1L2';
  readonly l1: number;
  readonly l2: number;

  constructor(options: L1L2Options = {}) {
    super();
    const { l1, l2 } = readFactors('l1l2', options, ['l1', 'l2'], 0);
    this.l1 = l1;
    this.l2 = l2;
  }

  describe(): { l1: number; l2: number } {
    return { l1: this.l1, l2: this.l2 };
  }

  getConfig(): Record<string, unknown> {
    return this.describe();
  }
}
