import type { AttributesOf } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { SchemaOf } from '../options/schema.js';
import { type Factor, factor } from './base-random-image.js';
import { RandomToneLayer, type RandomToneOptions, randomToneSchema } from './base-random-tone.js';

/** Options of {@link RandomBrightness}. */
export interface RandomBrightnessOptions extends RandomToneOptions {
  /** Range of what is added, in widths of valueRange: at -1 images are black, at 1 white. f stands for [-f, f]. */
  factor: Factor;
}

/**
 * Makes images [h, w, c] brighter or darker in training: to all values of an image is added one number, drawn evenly from factor times
 * the width of valueRange, and what leaves valueRange is set to its limit. Elsewhere it changes nothing.
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

/** Changes the brightness of images at random while training: see RandomBrightness. */
export function randomBrightness<const O extends RandomBrightnessOptions>(
  options: Given<O, RandomBrightnessOptions>,
): Shaped<RandomBrightness, 'randomBrightness', O> {
  return new RandomBrightness(options);
}
