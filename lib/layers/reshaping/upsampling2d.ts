import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { dataFormat, interpolation, pair } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { checkImage, type Interpolation, lowerResize } from './lower-resize.js';

export interface UpSampling2DOptions extends LayerOptions {
  /** How many times as high and wide: [height, width] or one number. Default 2. */
  size?: number | readonly [number, number];
  /** Default 'nearest', which repeats rows and columns. */
  interpolation?: Interpolation;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const UPSAMPLING2D_SCHEMA = {
  size: optional(pair, 2),
  interpolation: optional(interpolation, 'nearest'),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface UpSampling2D
  extends FieldsOf<typeof UPSAMPLING2D_SCHEMA>,
    DefaultsOf<typeof UPSAMPLING2D_SCHEMA> {}

/**
 * Larger images: [h, w, c] becomes [h * size[0], w * size[1], c]. Cells' centres are at halves, as for Resizing; in a layer of a TF.js file
 * their corners meet instead, so that output row o lies at o / size[0].
 */
export class UpSampling2D extends Layer {
  static override readonly className: string = 'UpSampling2D';
  static override readonly schema: SchemaOf<UpSampling2DOptions> = {
    ...LAYER_SCHEMA,
    ...UPSAMPLING2D_SCHEMA,
  };

  constructor(options: UpSampling2DOptions = {}) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    return [inputShape[0] * this.size[0], inputShape[1] * this.size[1], inputShape[2]];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    const corners = lowering.formulas === 'tfjs' ? 'topLeft' : 'halfPixel';
    return lowerResize(lowering, this.name, input, { kind: this.interpolation, corners }, shape);
  }
}

/** Larger images: see UpSampling2D. */
export function upSampling2d<const O extends UpSampling2DOptions = NoOptions>(
  options?: Given<O, UpSampling2DOptions>,
): Shaped<UpSampling2D, 'upSampling2d', O> {
  return new UpSampling2D(options);
}
