import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { type Edges1D, EdgesLayer } from './base-edges.js';

export interface ZeroPadding1DOptions extends LayerOptions {
  /** Steps of zeros. Default 1. */
  padding?: Edges1D;
}

/** Zeros around sequences: [steps, c] becomes [before + steps + after, c]. */
export class ZeroPadding1D extends EdgesLayer {
  static override readonly className: string = 'ZeroPadding1D';
  static override readonly optionNames: OptionNames<ZeroPadding1DOptions> = {
    ...LAYER_OPTIONS,
    padding: true,
  };

  constructor(options: ZeroPadding1DOptions = {}) {
    super(options, 'padding', options?.padding ?? 1, 1, 1);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), padding: [...this.edges[0]] };
  }
}

/** Zeros around sequences: see ZeroPadding1D. */
export function zeroPadding1d<const O extends ZeroPadding1DOptions = NoOptions>(
  options?: Given<O, ZeroPadding1DOptions>,
): Shaped<ZeroPadding1D, 'zeroPadding1d', O> {
  return new ZeroPadding1D(options);
}
