import { show } from '../../options.js';
import type { Attribute } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { type Interpolation, readInterpolation } from '../reshaping/lower-resize.js';
import { RANDOM_IMAGE_OPTIONS, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

const FILL_MODES = ['constant', 'reflect', 'wrap', 'nearest'] as const;

/** What is outside an image: see {@link RandomAffineOptions.fillMode}. */
export type FillMode = (typeof FILL_MODES)[number];

/** What layers take that move, scale or turn images at random. */
export interface RandomAffineOptions extends RandomImageOptions {
  /**
   * What is outside the image abcd: 'constant' fillValue, 'reflect' (d c b a | a b c d | d c b a), 'wrap' (a b c d | a b c d | a b c d),
   * 'nearest' (a a a a | a b c d | d d d d). Default 'reflect'.
   */
  fillMode?: FillMode;
  /** Default 'bilinear'. */
  interpolation?: Interpolation;
  /** Default 0. */
  fillValue?: number;
}

export const RANDOM_AFFINE_OPTIONS: OptionNames<RandomAffineOptions> = {
  ...RANDOM_IMAGE_OPTIONS,
  fillMode: true,
  interpolation: true,
  fillValue: true,
};

/** Moves, scales or turns images, each by draws of its own, in training only. [h, w, c] to the same shape. */
export abstract class RandomAffineLayer extends RandomImageLayer {
  readonly fillMode: FillMode;
  readonly interpolation: Interpolation;
  readonly fillValue: number;

  constructor(options: RandomAffineOptions) {
    super(options);
    const fillMode = options.fillMode ?? 'reflect';
    if (!FILL_MODES.includes(fillMode)) {
      const known = FILL_MODES.map(show).join(', ');
      this.checks.fail('UNSUPPORTED', `fillMode is ${show(fillMode)}; it can be ${known}.`);
    }
    this.fillMode = fillMode;
    this.interpolation = readInterpolation(this.checks, options.interpolation ?? 'bilinear');
    this.fillValue = this.checks.number('fillValue', options.fillValue ?? 0, () => true, 'a finite number');
  }

  /** `kind`, `ranges` and `keepAspect` of the node. */
  protected abstract motion(): Record<string, Attribute>;

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'randomAffine',
      inputs: [input],
      attributes: {
        ...this.motion(),
        fill: this.fillMode,
        fillValue: this.fillValue,
        interpolation: this.interpolation,
        ...this.drawsFrom(lowering),
      },
      shape: this.inferShape(lowering.shapeOf(input)),
    });
  }

  override getConfig(): LayerConfig {
    const { fillMode, interpolation, fillValue } = this;
    return { ...super.getConfig(), fillMode, interpolation, fillValue };
  }
}
