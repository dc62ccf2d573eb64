import type { OptionChecks } from '../../options.js';
import { show } from '../../options.js';
import type { Attribute, Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { checkImage } from '../reshaping/lower-resize.js';
import { checkDataFormat } from '../windows.js';

export interface RandomImageOptions extends LayerOptions {
  /**
   * A whole number from 0 up: draws then follow from it, the sample's place in its batch and the number of training steps made, whatever
   * the seed of `fit`, and are those of other such layers with this seed (images and their masks). Default: draws follow from `fit`'s.
   */
  seed?: number;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

export const RANDOM_IMAGE_OPTIONS: OptionNames<RandomImageOptions> = {
  ...LAYER_OPTIONS,
  seed: true,
  dataFormat: true,
};

/** The stream of layers with a seed of their own; others count up from 0. */
const SEEDED_STREAM = 2 ** 32 - 1;

/** Changes images [height, width, channels], each by draws of its own, in training only. */
export abstract class RandomImageLayer extends Layer {
  readonly seed?: number;

  constructor(options: RandomImageOptions) {
    super(options);
    checkDataFormat(this.checks, options.dataFormat);
    if (options.seed != null) this.seed = this.checks.whole('seed', options.seed, 0);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    return inputShape;
  }

  /** Attributes that say where the draws come from. */
  protected drawsFrom(lowering: Lowering): Record<string, Attribute> {
    return this.seed === undefined
      ? { stream: lowering.nextStream() }
      : { stream: SEEDED_STREAM, seed: this.seed };
  }

  override getConfig(): LayerConfig {
    const config = { ...super.getConfig(), dataFormat: 'channelsLast' };
    return this.seed === undefined ? config : { ...config, seed: this.seed };
  }
}

/** One number f for the range [-f, f], or [low, high], both from -1 to 1. */
export type Factor = number | readonly [number, number];

/** The range that a factor stands for, as [low, high]. */
export function readFactor(checks: OptionChecks, name: string, value: unknown): [number, number] {
  const limits: unknown[] = Array.isArray(value) ? value : [value, value];
  if (limits.length !== 2) {
    checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; give a number or [low, high].`);
  }
  const [a, b] = limits.map((limit) =>
    checks.number(name, limit, (each) => Math.abs(each) <= 1, 'a number from -1 to 1, or two of them'),
  );
  return Array.isArray(value) ? [Math.min(a, b), Math.max(a, b)] : [0 - Math.abs(a), Math.abs(a)];
}
