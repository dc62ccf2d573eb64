import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { checkDataFormat } from '../windows.js';
import { type Edges2D, EdgesLayer } from './base-edges.js';

export interface Cropping2DOptions extends LayerOptions {
  /** Rows and columns to leave out. Default 0. */
  cropping?: Edges2D;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/** Images without their edges: [h, w, c] becomes [h - top - bottom, w - left - right, c]. SHAPE_MISMATCH if nothing is left. */
export class Cropping2D extends EdgesLayer {
  static override readonly className: string = 'Cropping2D';
  static override readonly optionNames: OptionNames<Cropping2DOptions> = {
    ...LAYER_OPTIONS,
    cropping: true,
    dataFormat: true,
  };

  constructor(options: Cropping2DOptions = {}) {
    super(options, 'cropping', options?.cropping ?? 0, -1, 2);
    checkDataFormat(this.checks, options.dataFormat);
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      cropping: this.edges.map((pair) => [...pair]),
      dataFormat: 'channelsLast',
    };
  }
}

/** Images without their edges: see Cropping2D. */
export function cropping2D<const O extends Cropping2DOptions = NoOptions>(
  options?: Given<O, Cropping2DOptions>,
): Shaped<Cropping2D, 'cropping2D', O> {
  return new Cropping2D(options);
}
