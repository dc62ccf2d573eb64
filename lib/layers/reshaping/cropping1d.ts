import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { type Edges1D, EdgesLayer } from './base-edges.js';

export interface Cropping1DOptions extends LayerOptions {
  /** Steps to leave out. Default 1. */
  cropping?: Edges1D;
}

/** Sequences without their ends: [steps, c] becomes [steps - before - after, c]. SHAPE_MISMATCH if nothing is left. */
export class Cropping1D extends EdgesLayer {
  static override readonly className: string = 'Cropping1D';
  static override readonly optionNames: OptionNames<Cropping1DOptions> = { ...LAYER_OPTIONS, cropping: true };

  constructor(options: Cropping1DOptions = {}) {
    super(options, 'cropping', options?.cropping ?? 1, -1, 1);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), cropping: [...this.edges[0]] };
  }
}

/** Sequences without their ends: see Cropping1D. */
export function cropping1D<const O extends Cropping1DOptions = NoOptions>(
  options?: Given<O, Cropping1DOptions>,
): Shaped<Cropping1D, 'cropping1D', O> {
  return new Cropping1D(options);
}
