import { fromZero } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import { Regularizer } from './base-regularizer.js';

/** Options of {@link L1L2}. */
export interface L1L2Options {
  /** The factor of the absolute values. Default 0. */
  l1?: number;
  /** The factor of the squares. Default 0. */
  l2?: number;
}

const L1L2_SCHEMA = {
  l1: optional(fromZero, 0),
  l2: optional(fromZero, 0),
} satisfies SchemaOf<L1L2Options>;

export interface L1L2 extends FieldsOf<typeof L1L2_SCHEMA> {}

/** The penalty l1 * sum |w| + l2 * sum w^2. */
export class L1L2 extends Regularizer {
  readonly className = 'L1L2';

  constructor(options: L1L2Options = {}) {
    super('l1l2', options, L1L2_SCHEMA);
  }

  describe(): { l1: number; l2: number } {
    return { l1: this.l1, l2: this.l2 };
  }
}
