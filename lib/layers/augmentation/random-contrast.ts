import { type OptionChecks, show } from '../../options.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import { RANDOM_TONE_OPTIONS, RandomToneLayer, type RandomToneOptions } from './base-random-tone.js';

/** Options of {@link RandomContrast}. */
export interface RandomContrastOptions extends RandomToneOptions {
  /**
   * [lower, upper] for contrasts from 1 - lower to 1 + upper times the image's own; lower is in [0, 1], upper from 0 up. A number f, in
   * [0, 1], stands for [f, f].
   */
  factor: number | readonly [number, number];
}

/**
 * Changes the contrast of images [h, w, c] in training: each value x becomes (x - mean) * f + mean, with the mean of its channel in the
 * image and one f an image, drawn evenly from [1 - lower, 1 + upper]; what leaves valueRange is set to its limit. Elsewhere it changes
 * nothing.
 */
export class RandomContrast extends RandomToneLayer {
  static override readonly className: string = 'RandomContrast';
  static override readonly optionNames: OptionNames<RandomContrastOptions> = RANDOM_TONE_OPTIONS;

  readonly factor: readonly [number, number];

  constructor(options: RandomContrastOptions) {
    super(options);
    this.factor = readContrast(this.checks, options.factor);
  }

  protected override tone(): { kind: string; range: number[] } {
    const [lower, upper] = this.factor;
    return { kind: 'contrast', range: [1 - lower, 1 + upper] };
  }
}

function readContrast(checks: OptionChecks, value: unknown): [number, number] {
  const parts: unknown[] = Array.isArray(value) ? value : [value, value];
  if (parts.length !== 2) {
    checks.fail('INVALID_ARGUMENT', `factor is ${show(value)}; give a number or [lower, upper].`);
  }
  return [
    checks.number('factor', parts[0], (lower) => lower >= 0 && lower <= 1, 'a number from 0 to 1'),
    checks.number('factor', parts[1], (upper) => upper >= 0, 'a number from 0 up'),
  ];
}

/** Changes the contrast of images at random while training: see RandomContrast. */
export function randomContrast<const O extends RandomContrastOptions>(
  options: Given<O, RandomContrastOptions>,
): Shaped<RandomContrast, 'randomContrast', O> {
  return new RandomContrast(options);
}
