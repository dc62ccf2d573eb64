import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { dataFormat } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { type Edges2D, EdgesLayer, edges2d } from './base-edges.js';

export interface ZeroPadding2DOptions extends LayerOptions {
  /** Rows and columns of zeros to add. Default 1. */
  padding?: Edges2D;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const ZERO_PADDING2D_SCHEMA = {
  padding: optional(edges2d, 1),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface ZeroPadding2D
  extends FieldsOf<typeof ZERO_PADDING2D_SCHEMA>,
    DefaultsOf<typeof ZERO_PADDING2D_SCHEMA> {}

/** Pads images with zeros: [h, w, c] becomes [h + top + bottom, w + left + right, c]. */
export class ZeroPadding2D extends EdgesLayer {
  static override readonly className: string = 'ZeroPadding2D';
  static override readonly schema: SchemaOf<ZeroPadding2DOptions> = {
    ...LAYER_SCHEMA,
    ...ZERO_PADDING2D_SCHEMA,
  };

  protected override readonly sign = 1;

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options);
  }

  protected override get edges(): readonly (readonly [number, number])[] {
    return this.padding;
  }
}

/** Makes a {@link ZeroPadding2D} layer. */
export function zeroPadding2d<const O extends ZeroPadding2DOptions = NoOptions>(
  options?: Given<O, ZeroPadding2DOptions>,
): Shaped<ZeroPadding2D, 'zeroPadding2d', O> {
  return new ZeroPadding2D(options);
}
