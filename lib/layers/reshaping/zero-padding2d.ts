import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { checkDataFormat } from '../windows.js';
import { type Edges2D, EdgesLayer } from './base-edges.js';

export interface ZeroPadding2DOptions extends LayerOptions {
  /** Rows and columns of zeros. Default 1. */
  padding?: Edges2D;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/** Zeros around images: [h, w, c] becomes [h + top + bottom, w + left + right, c]. */
export class ZeroPadding2D extends EdgesLayer {
  static override readonly className: string = 'ZeroPadding2D';
  static override readonly optionNames: OptionNames<ZeroPadding2DOptions> = {
    ...LAYER_OPTIONS,
    padding: true,
    dataFormat: true,
  };

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options, 'padding', options?.padding ?? 1, 1, 2);
    checkDataFormat(this.checks, options.dataFormat);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), padding: this.edges.map((pair) => [...pair]), dataFormat: 'channelsLast' };
  }
}

/** Zeros around images: see ZeroPadding2D. */
export function zeroPadding2d<const O extends ZeroPadding2DOptions = NoOptions>(
  options?: Given<O, ZeroPadding2DOptions>,
): Shaped<ZeroPadding2D, 'zeroPadding2d', O> {
  return new ZeroPadding2D(options);
}
