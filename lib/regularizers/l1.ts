import { fromZero } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import { Regularizer } from './base-regularizer.js';

/** Options of {@link L1}. */
export interface L1Options {
  /** The factor. Default 0.01. */
  l1?: number;
}

const L1_SCHEMA = { l1: optional(fromZero, 0.01) } satisfies SchemaOf<L1Options>;

export interface L1 extends FieldsOf<typeof L1_SCHEMA> {}

/** The penalty l1 * sum |w|, which drives weights to 0. */
export class L1 extends Regularizer {
  readonly className = 'L1';

  constructor(options: L1Options = {}) {
    super('l1', options, L1_SCHEMA);
  }

  describe(): { l1: number; l2: number } {
    return { l1: this.l1, l2: 0 };
  }
}
