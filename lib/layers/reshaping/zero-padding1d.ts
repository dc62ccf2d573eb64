import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { type Edges1D, EdgesLayer, edges1d } from './base-edges.js';

export interface ZeroPadding1DOptions extends LayerOptions {
  /** Zeros to add at each end. Default 1. */
  padding?: Edges1D;
}

const ZERO_PADDING1D_SCHEMA = {
  padding: optional(edges1d, 1),
};

export interface ZeroPadding1D
  extends FieldsOf<typeof ZERO_PADDING1D_SCHEMA>,
    DefaultsOf<typeof ZERO_PADDING1D_SCHEMA> {}

/** Pads sequences with zeros: [steps, c] becomes [before + steps + after, c]. */
export class ZeroPadding1D extends EdgesLayer {
  static override readonly className: string = 'ZeroPadding1D';
  static override readonly schema: SchemaOf<ZeroPadding1DOptions> = {
    ...LAYER_SCHEMA,
    ...ZERO_PADDING1D_SCHEMA,
  };
  static override readonly ignoredConfig = { dataFormat: 'channelsLast' };

  protected override readonly sign = 1;

  constructor(options: ZeroPadding1DOptions = {}) {
    super(options);
  }

  protected override get edges(): readonly (readonly [number, number])[] {
    return [this.padding];
  }
}

/** Makes a {@link ZeroPadding1D} layer. */
export function zeroPadding1d<const O extends ZeroPadding1DOptions = NoOptions>(
  options?: Given<O, ZeroPadding1DOptions>,
): Shaped<ZeroPadding1D, 'zeroPadding1d', O> {
  return new ZeroPadding1D(options);
}
