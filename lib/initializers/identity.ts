import { finite } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { Shape } from '../program/description.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Options of {@link Identity}. */
export interface IdentityOptions {
  /** The value on the diagonal. Default 1. */
  gain?: number;
}

const IDENTITY_SCHEMA = { gain: optional(finite, 1) } satisfies SchemaOf<IdentityOptions>;

export interface Identity extends FieldsOf<typeof IDENTITY_SCHEMA> {}

/**
 * Makes a matrix with `gain` on the diagonal and 0 elsewhere. For matrices only, such as a dense layer's
 * kernel.
 */
export class Identity extends Initializer {
  readonly className = 'Identity';

  constructor(options: IdentityOptions = {}) {
    super('identity', options, IDENTITY_SCHEMA);
  }

  build(shape: Shape): Float32Array {
    if (shape.length !== 2) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `a weight of shape ${showShape(shape)} is not a matrix; use orthogonal for weights of more axes.`,
      );
    }
    const values = new Float32Array(sizeOf(shape));
    const [rows, columns] = shape;
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = this.gain;
    return values;
  }
}
