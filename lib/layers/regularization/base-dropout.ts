import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { RANDOM_LAYER_SCHEMA, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import { opShape } from '../op-shape.js';
import { number } from '../options/kinds.js';
import { type FieldsOf, required, type Schema, type SchemaOf } from '../options/schema.js';

/** Options of dropout layers. */
export interface BaseDropoutOptions extends RandomLayerOptions {
  /** Fraction of the elements to drop in training, in [0, 1). */
  rate: number;
}

const RATE_SCHEMA = {
  rate: required(number((rate) => rate >= 0 && rate < 1, 'a number in [0, 1)')),
};

export const BASE_DROPOUT_SCHEMA: SchemaOf<BaseDropoutOptions> = { ...RANDOM_LAYER_SCHEMA, ...RATE_SCHEMA };

export interface BaseDropout extends FieldsOf<typeof RATE_SCHEMA> {}

/** The attributes of a dropout node that depend on the layer's class. */
export type NoiseAttributes = Pick<AttributesOf<'dropout'>, 'noiseShape' | 'alpha'>;

/** A layer that drops a fraction of its input at random in training. The output has the input's shape. */
export abstract class BaseDropout extends RandomLayer {
  static override readonly schema: Schema = BASE_DROPOUT_SCHEMA;

  constructor(options: BaseDropoutOptions) {
    super(options);
  }

  /** The class's attributes of the dropout node for an input of this shape. */
  protected attributesFor(_inputShape: Shape): NoiseAttributes {
    return {};
  }

  protected override inferShape(inputShape: Shape): Shape {
    // No shape depends on the random stream.
    const attributes = { rate: this.rate, stream: 0, ...this.attributesFor(inputShape) };
    return opShape(this.checks, 'dropout', [inputShape], attributes);
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    const own = this.attributesFor(lowering.shapeOf(input));
    const attributes = { rate: this.rate, ...this.drawsFrom(lowering), ...own };
    return lowering.add({ name: this.name, op: 'dropout', inputs: [input], attributes });
  }
}
