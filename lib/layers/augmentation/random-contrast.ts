import { show } from '../../options.js';
import type { AttributesOf } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { Kind, SchemaOf } from '../options/schema.js';
import { RandomToneLayer, type RandomToneOptions, randomToneSchema } from './base-random-tone.js';

/** Options of {@link RandomContrast}. */
export interface RandomContrastOptions extends RandomToneOptions {
  /**
   * Range of the contrast change, as [lower, upper]. Contrast is multiplied by a number from 1 - lower to 1 +
   * upper, with lower in [0, 1] and upper at least 0. A number f in [0, 1] stands for [f, f].
   */
  factor: number | readonly [number, number];
}

/** Kept as [lower, upper]. */
const contrast: Kind<number | readonly [number, number], readonly [number, number]> = {
  read(checks, name, value) {
    const parts: unknown[] = Array.isArray(value) ? value : [value, value];
    if (parts.length !== 2) {
      checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; give a number or [lower, upper].`);
    }
    return [
      checks.number(name, parts[0], (lower) => lower >= 0 && lower <= 1, 'a number from 0 to 1'),
      checks.number(name, parts[1], (upper) => upper >= 0, 'a number from 0 up'),
    ];
  },
  write: (parts) => [...parts],
};

/**
 * Changes the contrast of images [h, w, c] in training. Outside training it is the identity.
 *
 * A pixel x becomes (x - mean) * f + mean, clipped to valueRange. The mean is that of the image's channel.
 * Each image gets one f, drawn uniformly from [1 - lower, 1 + upper].
 */
export class RandomContrast extends RandomToneLayer {
  static override readonly className: string = 'RandomContrast';
  static override readonly schema: SchemaOf<RandomContrastOptions> = randomToneSchema(contrast);

  constructor(options: RandomContrastOptions) {
    super(options);
  }

  protected override tone(): Pick<AttributesOf<'randomTone'>, 'kind' | 'range'> {
    const [lower, upper] = this.factor;
    return { kind: 'contrast', range: [1 - lower, 1 + upper] };
  }
}

/** Makes a {@link RandomContrast} layer. */
export function randomContrast<const O extends RandomContrastOptions>(
  options: Given<O, RandomContrastOptions>,
): Shaped<RandomContrast, 'randomContrast', O> {
  return new RandomContrast(options);
}
