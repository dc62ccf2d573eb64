import type { Attribute, Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { BASE_DROPOUT_OPTIONS, BaseDropout, type BaseDropoutOptions } from './base-dropout.js';
import { type NoiseShape, readNoiseShape, sampleNoiseShape } from './noise-shape.js';

/** Options of {@link Dropout}. */
export interface DropoutOptions extends BaseDropoutOptions {
  /** What is dropped together: [null, 1, c] drops whole columns of [n, rows, c]. Default: elements one by one. */
  noiseShape?: NoiseShape;
}

/** In training keeps an element with probability 1 - rate and scales it by 1 / (1 - rate); elsewhere it changes nothing. */
export class Dropout extends BaseDropout {
  static override readonly className: string = 'Dropout';
  static override readonly optionNames: OptionNames<DropoutOptions> = {
    ...BASE_DROPOUT_OPTIONS,
    noiseShape: true,
  };

  readonly noiseShape?: NoiseShape;

  constructor(options: DropoutOptions) {
    super(options);
    if (options.noiseShape != null) {
      this.noiseShape = readNoiseShape(this.checks, options.noiseShape);
    }
  }

  protected override attributesFor(inputShape: Shape): Record<string, Attribute> {
    if (!this.noiseShape) return {};
    return { noiseShape: sampleNoiseShape(this.checks, this.noiseShape, inputShape) };
  }

  override getConfig(): LayerConfig {
    const config = super.getConfig();
    return this.noiseShape ? { ...config, noiseShape: [...this.noiseShape] } : config;
  }
}

/** Drops elements at random while training: see Dropout. */
export function dropout<const O extends DropoutOptions>(
  options: Given<O, DropoutOptions>,
): Shaped<Dropout, 'dropout', O> {
  return new Dropout(options);
}
