import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { dataFormat } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { type Edges2D, EdgesLayer, edges2d } from './base-edges.js';

export interface Cropping2DOptions extends LayerOptions {
  /** Rows and columns to crop. Default 0. */
  cropping?: Edges2D;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const CROPPING2D_SCHEMA = {
  cropping: optional(edges2d, 0),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface Cropping2D
  extends FieldsOf<typeof CROPPING2D_SCHEMA>,
    DefaultsOf<typeof CROPPING2D_SCHEMA> {}

/**
 * Crops images at their edges: [h, w, c] becomes [h - top - bottom, w - left - right, c]. Throws
 * SHAPE_MISMATCH if nothing is left.
 */
export class Cropping2D extends EdgesLayer {
  static override readonly className: string = 'Cropping2D';
  static override readonly schema: SchemaOf<Cropping2DOptions> = { ...LAYER_SCHEMA, ...CROPPING2D_SCHEMA };

  protected override readonly sign = -1;

  constructor(options: Cropping2DOptions = {}) {
    super(options);
  }

  protected override get edges(): readonly (readonly [number, number])[] {
    return this.cropping;
  }
}

/** Makes a {@link Cropping2D} layer. */
export function cropping2D<const O extends Cropping2DOptions = NoOptions>(
  options?: Given<O, Cropping2DOptions>,
): Shaped<Cropping2D, 'cropping2D', O> {
  return new Cropping2D(options);
}
