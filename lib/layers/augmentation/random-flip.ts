import { camelCase } from '../../camel-case.js';
import { show } from '../../options.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { RANDOM_IMAGE_SCHEMA, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

const MODES = ['horizontal', 'vertical', 'horizontalAndVertical'] as const;

/** The directions along which images are flipped. */
export type FlipMode = (typeof MODES)[number];

/** Options of {@link RandomFlip}. */
export interface RandomFlipOptions extends RandomImageOptions {
  /**
   * 'horizontal' swaps left and right, 'vertical' top and bottom. Default 'horizontalAndVertical'. Keras's
   * spelling 'horizontal_and_vertical' may be given too.
   */
  mode?: FlipMode | 'horizontal_and_vertical';
}

const mode: Kind<FlipMode | 'horizontal_and_vertical', FlipMode> = {
  read(checks, name, value) {
    const found = MODES.find((known) => typeof value === 'string' && known === camelCase(value));
    if (found) return found;
    return checks.fail('UNSUPPORTED', `${name} is ${show(value)}; it can be ${MODES.map(show).join(', ')}.`);
  },
};

const RANDOM_FLIP_SCHEMA = { mode: optional(mode, 'horizontalAndVertical') };

export interface RandomFlip extends FieldsOf<typeof RANDOM_FLIP_SCHEMA> {}

/**
 * Flips images [h, w, c] in training. Outside training it is the identity.
 *
 * Each image is flipped with probability 1/2 along each direction of `mode`, independently.
 */
export class RandomFlip extends RandomImageLayer {
  static override readonly className: string = 'RandomFlip';
  static override readonly schema: SchemaOf<RandomFlipOptions> = {
    ...RANDOM_IMAGE_SCHEMA,
    ...RANDOM_FLIP_SCHEMA,
  };

  constructor(options: RandomFlipOptions = {}) {
    super(options);
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'randomFlip',
      inputs: [input],
      attributes: {
        horizontal: this.mode !== 'vertical',
        vertical: this.mode !== 'horizontal',
        ...this.drawsFrom(lowering),
      },
    });
  }
}

/** Makes a {@link RandomFlip} layer. */
export function randomFlip<const O extends RandomFlipOptions = NoOptions>(
  options?: Given<O, RandomFlipOptions>,
): Shaped<RandomFlip, 'randomFlip', O> {
  return new RandomFlip(options);
}
