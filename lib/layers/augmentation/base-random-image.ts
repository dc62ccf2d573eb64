import type { OptionChecks } from '../../options.js';
import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { OptionNames } from '../base-layer.js';
import { RANDOM_LAYER_OPTIONS, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import type { LayerConfig } from '../config.js';
import { checkImage } from '../reshaping/lower-resize.js';
import { checkDataFormat } from '../windows.js';

export interface RandomImageOptions extends RandomLayerOptions {
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

export const RANDOM_IMAGE_OPTIONS: OptionNames<RandomImageOptions> = {
  ...RANDOM_LAYER_OPTIONS,
  dataFormat: true,
};

/** Changes images [height, width, channels], each by draws of its own, in training only. */
export abstract class RandomImageLayer extends RandomLayer {
  constructor(options: RandomImageOptions) {
    super(options);
    checkDataFormat(this.checks, options.dataFormat);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), dataFormat: 'channelsLast' };
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
