import { Regularizer, readFactors } from './base-regularizer.js';

/** Options of {@link L2}. */
export interface L2Options {
  /** The factor. Default 0.01. */
  l2?: number;
}

/** The penalty l2 * sum w^2, which keeps weights small. */
export class L2 extends Regularizer {
  readonly className = 'L2';
  readonly l2: number;

  constructor(options: L2Options = {}) {
    super();
    this.l2 = readFactors('l2', options, ['l2'], 0.01).l2;
  }

  describe(): { l1: number; l2: number } {
    return { l1: 0, l2: this.l2 };
  }

  getConfig(): Record<string, unknown> {
    return { l2: this.l2 };
  }
}
