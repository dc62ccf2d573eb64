import { finite } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value. Default 0. */
  value?: number;
}

const CONSTANT_SCHEMA = { value: optional(finite, 0) } satisfies SchemaOf<ConstantOptions>;

export interface Constant extends FieldsOf<typeof CONSTANT_SCHEMA> {}

/** Sets all values to `value`. */
export class Constant extends Initializer {
  readonly className = 'Constant';

  constructor(options: ConstantOptions = {}) {
    super('constant', options, CONSTANT_SCHEMA);
  }

  build(shape: Shape): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(this.value);
  }
}
