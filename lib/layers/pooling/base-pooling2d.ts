import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { dataFormat, padding, pair } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, sameAs, type SchemaOf } from '../options/schema.js';
import { type Padding, poolAttributes } from '../windows.js';

export interface Pooling2DOptions extends LayerOptions {
  /** Height and width of the window, or one number for a square. Default 2. */
  poolSize?: number | readonly [number, number];
  /** Step from one window to the next, [height, width] or one number. Default poolSize. */
  strides?: number | readonly [number, number];
  /** 'valid', 'same' or [[top, bottom], [left, right]]. Padded positions are ignored. Default 'valid'. */
  padding?: Padding;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const POOLING2D_SCHEMA = {
  poolSize: optional(pair, 2),
  strides: optional(pair, sameAs('poolSize')),
  padding: optional(padding, 'valid'),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface Pooling2D extends FieldsOf<typeof POOLING2D_SCHEMA>, DefaultsOf<typeof POOLING2D_SCHEMA> {}

/** Pools each window of each channel of an image to one number. */
export abstract class Pooling2D extends Layer {
  static override readonly schema: SchemaOf<Pooling2DOptions> = { ...LAYER_SCHEMA, ...POOLING2D_SCHEMA };

  protected abstract readonly kind: 'max' | 'average' | 'sum';

  constructor(options: Pooling2DOptions = {}) {
    super(options);
    this.checkPadding();
  }

  protected override inferShape(inputShape: Shape): Shape {
    return opShape(this.checks, 'pool2d', [inputShape], this.attributesFor(inputShape));
  }

  override lower(lowering: Lowering, input: number): number {
    const attributes = this.attributesFor(lowering.shapeOf(input));
    return lowering.add({ name: this.name, op: 'pool2d', inputs: [input], attributes });
  }

  /**
   * Throws INVALID_ARGUMENT if padding isn't less than the window, which could then lie outside the image.
   */
  private checkPadding(): void {
    if (typeof this.padding === 'string') return;
    for (const axis of [0, 1]) {
      if (Math.max(...this.padding[axis]) >= this.poolSize[axis]) {
        this.checks.fail(
          'INVALID_ARGUMENT',
          `padding [${this.padding[axis].join(', ')}] must be less than the pool's ${this.poolSize[axis]} cells on each side.`,
        );
      }
    }
  }

  private attributesFor(inputShape: Shape): AttributesOf<'pool2d'> {
    const { kind, poolSize: size, strides, padding } = this;
    return poolAttributes(this.checks, kind, { size, strides, padding }, inputShape);
  }
}
