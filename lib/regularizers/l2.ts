import { fromZero } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import { Regularizer } from './base-regularizer.js';

/** Options of {@link L2}. */
export interface L2Options {
  /** The factor. Default 0.01. */
  l2?: number;
}

const L2_SCHEMA = { l2: optional(fromZero, 0.01) } satisfies SchemaOf<L2Options>;

export interface L2 extends FieldsOf<typeof L2_SCHEMA> {}

/** The penalty l2 * sum w^2, which keeps weights small. */
export class L2 extends Regularizer {
  readonly className = 'L2';

  constructor(options: L2Options = {}) {
    super('l2', options, L2_SCHEMA);
  }

  describe(): { l1: number; l2: number } {
    return { l1: 0, l2: this.l2 };
  }
}
