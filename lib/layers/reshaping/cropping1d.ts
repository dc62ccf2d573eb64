import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { type Edges1D, EdgesLayer, edges1d } from './base-edges.js';

export interface Cropping1DOptions extends LayerOptions {
  /** Steps to crop. Default 1. */
  cropping?: Edges1D;
}

const CROPPING1D_SCHEMA = {
  cropping: optional(edges1d, 1),
};

export interface Cropping1D
  extends FieldsOf<typeof CROPPING1D_SCHEMA>,
    DefaultsOf<typeof CROPPING1D_SCHEMA> {}

/**
 * Crops sequences at both ends: [steps, c] becomes [steps - before - after, c]. Throws SHAPE_MISMATCH if
 * nothing is left.
 */
export class Cropping1D extends EdgesLayer {
  static override readonly className: string = 'Cropping1D';
  static override readonly schema: SchemaOf<Cropping1DOptions> = { ...LAYER_SCHEMA, ...CROPPING1D_SCHEMA };

  protected override readonly sign = -1;

  constructor(options: Cropping1DOptions = {}) {
    super(options);
  }

  protected override get edges(): readonly (readonly [number, number])[] {
    return [this.cropping];
  }
}

/** Makes a {@link Cropping1D} layer. */
export function cropping1D<const O extends Cropping1DOptions = NoOptions>(
  options?: Given<O, Cropping1DOptions>,
): Shaped<Cropping1D, 'cropping1D', O> {
  return new Cropping1D(options);
}
