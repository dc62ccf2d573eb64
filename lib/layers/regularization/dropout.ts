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
  /**
   * Which elements are dropped together: size 1 along an axis drops them as one. [null, 1, c] drops whole
   * columns of [n, rows, c]. Default: each element by itself.
   */
  noiseShape?: NoiseShape;
}

const DROPOUT_SCHEMA = { noiseShape: optional(noiseShape) };

export interface Dropout extends FieldsOf<typeof DROPOUT_SCHEMA> {}

/**
 * Dropout: in training it sets a fraction `rate` of the elements to 0, at random in each step, and scales the
 * others by 1 / (1 - rate), so that the expected sum stays the same. Outside training it is the identity. The
 * output has the input's shape.
 *
 * Srivastava et al.: Dropout: a simple way to prevent neural networks from overfitting, 2014.
 */
export class Dropout extends BaseDropout {
  static override readonly className: string = 'Dropout';
  static override readonly schema: SchemaOf<DropoutOptions> = { ...BASE_DROPOUT_SCHEMA, ...DROPOUT_SCHEMA };

  constructor(options: DropoutOptions) {
    super(options);
  }

  protected override attributesFor(inputShape: Shape): NoiseAttributes {
    if (!this.noiseShape) return {};
    return { noiseShape: sampleNoiseShape(this.noiseShape, inputShape) };
  }
}

/** Makes a {@link Dropout} layer. */
export function dropout<const O extends DropoutOptions>(
  options: Given<O, DropoutOptions>,
): Shaped<Dropout, 'dropout', O> {
  return new Dropout(options);
}
