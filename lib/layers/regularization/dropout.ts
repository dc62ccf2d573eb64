import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import {
  BASE_DROPOUT_SCHEMA,
  BaseDropout,
  type BaseDropoutOptions,
  type NoiseAttributes,
} from './base-dropout.js';
import { type NoiseShape, noiseShape, sampleNoiseShape } from './noise-shape.js';

/** Options of {@link Dropout}. */
export interface DropoutOptions extends BaseDropoutOptions {
  /** What is dropped together: [null, 1, c] drops whole columns of [n, rows, c]. Default: elements one by one. */
  noiseShape?: NoiseShape;
}

const DROPOUT_SCHEMA = { noiseShape: optional(noiseShape) };

export interface Dropout extends FieldsOf<typeof DROPOUT_SCHEMA> {}

/** In training keeps an element with probability 1 - rate and scales it by 1 / (1 - rate); elsewhere it changes nothing. */
export class Dropout extends BaseDropout {
  static override readonly className: string = 'Dropout';
  static override readonly schema: SchemaOf<DropoutOptions> = { ...BASE_DROPOUT_SCHEMA, ...DROPOUT_SCHEMA };

  constructor(options: DropoutOptions) {
    super(options);
  }

  protected override attributesFor(inputShape: Shape): NoiseAttributes {
    if (!this.noiseShape) return {};
    return { noiseShape: sampleNoiseShape(this.checks, this.noiseShape, inputShape) };
  }
}

/** Drops elements at random while training: see Dropout. */
export function dropout<const O extends DropoutOptions>(
  options: Given<O, DropoutOptions>,
): Shaped<Dropout, 'dropout', O> {
  return new Dropout(options);
}
