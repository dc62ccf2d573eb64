import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { dataFormat, interpolation, pair } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { type Interpolation, lowerResize } from './lower-resize.js';

export interface UpSampling2DOptions extends LayerOptions {
  /** Upsampling factor, [height, width] or one number. Default 2. */
  size?: number | readonly [number, number];
  /** 'nearest' repeats rows and columns, 'bilinear' interpolates between them. Default 'nearest'. */
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
 * Upsamples images: [h, w, c] becomes [h * size[0], w * size[1], c].
 *
 * Pixel centers are at half-integers, as for {@link Resizing}. In a layer of a TF.js file the top left
 * corners are aligned instead: output row o samples the input at row o / size[0].
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
    const size = [inputShape[0] * this.size[0], inputShape[1] * this.size[1]] as const;
    return opShape(this.checks, 'resize', [inputShape], { kind: this.interpolation, size });
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    const corners = lowering.formulas === 'tfjs' ? 'topLeft' : 'halfPixel';
    return lowerResize(lowering, this.name, input, { kind: this.interpolation, corners }, shape);
  }
}

/** Makes an {@link UpSampling2D} layer. */
export function upSampling2d<const O extends UpSampling2DOptions = NoOptions>(
  options?: Given<O, UpSampling2DOptions>,
): Shaped<UpSampling2D, 'upSampling2d', O> {
  return new UpSampling2D(options);
}
