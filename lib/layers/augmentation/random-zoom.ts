import type { Attribute } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { RANDOM_AFFINE_OPTIONS, RandomAffineLayer, type RandomAffineOptions } from './base-random-affine.js';
import { type Factor, readFactor } from './base-random-image.js';

/** Options of {@link RandomZoom}. */
export interface RandomZoomOptions extends RandomAffineOptions {
  /** Range of how much more of the height is seen: 0.2 zooms out by 20 %, -0.2 zooms in. f stands for [-f, f]. */
  heightFactor: Factor;
  /** The same of the width. Default: what was drawn for the height, so that the aspect stays. */
  widthFactor?: Factor;
}

/**
 * Zooms images [h, w, c] around their middle in training: what lies at distance d of an output's middle was at distance
 * (1 + factor) * d, with factors drawn evenly from these ranges for each image; elsewhere it changes nothing.
 */
export class RandomZoom extends RandomAffineLayer {
  static override readonly className: string = 'RandomZoom';
  static override readonly optionNames: OptionNames<RandomZoomOptions> = {
    ...RANDOM_AFFINE_OPTIONS,
    heightFactor: true,
    widthFactor: true,
  };

  readonly heightFactor: readonly [number, number];
  readonly widthFactor?: readonly [number, number];

  constructor(options: RandomZoomOptions) {
    super(options);
    this.heightFactor = readFactor(this.checks, 'heightFactor', options.heightFactor);
    if (options.widthFactor != null) {
      this.widthFactor = readFactor(this.checks, 'widthFactor', options.widthFactor);
    }
  }

  protected override motion(): Record<string, Attribute> {
    const { heightFactor, widthFactor = heightFactor } = this;
    const ranges = [...heightFactor, ...widthFactor];
    return { kind: 'zoom', ranges, keepAspect: this.widthFactor === undefined };
  }

  override getConfig(): LayerConfig {
    const { heightFactor, widthFactor } = this;
    const config = { ...super.getConfig(), heightFactor: [...heightFactor] };
    return widthFactor ? { ...config, widthFactor: [...widthFactor] } : config;
  }
}

/** Zooms images at random while training: see RandomZoom. */
export function randomZoom<const O extends RandomZoomOptions>(
  options: Given<O, RandomZoomOptions>,
): Shaped<RandomZoom, 'randomZoom', O> {
  return new RandomZoom(options);
}
