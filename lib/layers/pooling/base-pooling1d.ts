import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { dataFormat, single, validOrSame } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, sameAs, type SchemaOf } from '../options/schema.js';
import { checkSequence, imageShape, lowerAsImage } from '../reshaping/sequences.js';
import { poolAttributes } from '../windows.js';

export interface Pooling1DOptions extends LayerOptions {
  /** Window length. Default 2. */
  poolSize?: number | readonly [number];
  /** Step from one window to the next. Default poolSize. */
  strides?: number | readonly [number];
  /** 'valid' or 'same'. Padded steps are ignored. Default 'valid'. */
  padding?: 'valid' | 'same';
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const POOLING1D_SCHEMA = {
  poolSize: optional(single, 2),
  strides: optional(single, sameAs('poolSize')),
  padding: optional(validOrSame, 'valid'),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface Pooling1D extends FieldsOf<typeof POOLING1D_SCHEMA>, DefaultsOf<typeof POOLING1D_SCHEMA> {}

/** Pools each window of each channel of a sequence [steps, channels] to one number. */
export abstract class Pooling1D extends Layer {
  static override readonly schema: SchemaOf<Pooling1DOptions> = { ...LAYER_SCHEMA, ...POOLING1D_SCHEMA };

  protected abstract readonly kind: 'max' | 'average' | 'sum';

  constructor(options: Pooling1DOptions = {}) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkSequence(this.checks, inputShape);
    const image = imageShape(inputShape);
    const [steps, , channels] = opShape(this.checks, 'pool2d', [image], this.attributesFor(inputShape));
    return [steps, channels];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    return lowerAsImage(lowering, this.name, input, (image) =>
      lowering.add({
        name: this.name,
        op: 'pool2d',
        inputs: [image],
        attributes: this.attributesFor(inputShape),
      }),
    );
  }

  private attributesFor(inputShape: Shape): AttributesOf<'pool2d'> {
    const { kind, poolSize, strides, padding } = this;
    const windows = { size: [poolSize, 1], strides: [strides, 1], padding } as const;
    return poolAttributes(this.checks, kind, windows, imageShape(inputShape));
  }
}
