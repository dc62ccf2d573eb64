import { camelCase } from '../../camel-case.js';
import { show } from '../../options.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { RANDOM_IMAGE_OPTIONS, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

const MODES = ['horizontal', 'vertical', 'horizontalAndVertical'] as const;

/** Along which directions images are flipped. */
export type FlipMode = (typeof MODES)[number];

/** Options of {@link RandomFlip}. */
export interface RandomFlipOptions extends RandomImageOptions {
  /**
   * 'horizontal' exchanges left and right, 'vertical' top and bottom. Default 'horizontalAndVertical'; Keras's spelling
   * ('horizontal_and_vertical') is read too.
   */
  mode?: FlipMode | 'horizontal_and_vertical';
}

/**
 * Flips images [h, w, c] in training: each with probability 1/2 along each direction of the mode, on its own; elsewhere it changes
 * nothing.
 */
export class RandomFlip extends RandomImageLayer {
  static override readonly className: string = 'RandomFlip';
  static override readonly optionNames: OptionNames<RandomFlipOptions> = {
    ...RANDOM_IMAGE_OPTIONS,
    mode: true,
  };

  readonly mode: FlipMode;

  constructor(options: RandomFlipOptions = {}) {
    super(options);
    const mode = options.mode ?? 'horizontalAndVertical';
    this.mode =
      MODES.find((known) => typeof mode === 'string' && known === camelCase(mode)) ??
      this.checks.fail('UNSUPPORTED', `mode is ${show(mode)}; it can be ${MODES.map(show).join(', ')}.`);
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
      shape: this.inferShape(lowering.shapeOf(input)),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), mode: this.mode };
  }
}

/** Flips images at random while training: see RandomFlip. */
export function randomFlip<const O extends RandomFlipOptions = NoOptions>(
  options?: Given<O, RandomFlipOptions>,
): Shaped<RandomFlip, 'randomFlip', O> {
  return new RandomFlip(options);
}
