import type { AttributesOf } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { SchemaOf } from '../options/schema.js';
import { type Factor, factor } from './base-random-image.js';
import { RandomToneLayer, type RandomToneOptions, randomToneSchema } from './base-random-tone.js';

/** Options of {@link RandomBrightness}. */
export interface RandomBrightnessOptions extends RandomToneOptions {
  /**
   * Range of the brightness change, as a fraction of the width of valueRange: -1 makes images black, 1 white.
   * A number f stands for [-f, f].
   */
  factor: Factor;
}

/**
 * Makes images [h, w, c] brighter or darker in training. Outside training it is the identity.
 *
 * Each image gets one number, drawn uniformly from factor times the width of valueRange. The layer adds it to
 * all pixels and clips the results to valueRange.
 */
export class RandomBrightness extends RandomToneLayer {
  static override readonly className: string = 'RandomBrightness';
  static override readonly schema: SchemaOf<RandomBrightnessOptions> = randomToneSchema(factor);

  constructor(options: RandomBrightnessOptions) {
    super(options);
  }

  protected override tone(): Pick<AttributesOf<'randomTone'>, 'kind' | 'range'> {
    const [low, high] = this.valueRange;
    const [least, most] = this.factor;
    return { kind: 'brightness', range: [least * (high - low), most * (high - low)] };
  }
}

/** Makes a {@link RandomBrightness} layer. */
export function randomBrightness<const O extends RandomBrightnessOptions>(
  options: Given<O, RandomBrightnessOptions>,
): Shaped<RandomBrightness, 'randomBrightness', O> {
  return new RandomBrightness(options);
}
