import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';

export interface DropoutOptions extends LayerOptions {
  /** Share of the elements that become 0 while training, in [0, 1). */
  rate: number;
}

/** In training keeps an element with probability 1 - rate and scales it by 1 / (1 - rate); elsewhere it changes nothing. */
export class Dropout extends Layer {
  static override readonly className: string = 'Dropout';
  static override readonly optionNames: OptionNames<DropoutOptions> = { ...LAYER_OPTIONS, rate: true };

  readonly rate: number;

  constructor(options: DropoutOptions) {
    super(options);
    this.rate = this.checks.number(
      'rate',
      options.rate,
      (rate) => rate >= 0 && rate < 1,
      'a number in [0, 1)',
    );
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'dropout',
      inputs: [input],
      attributes: { rate: this.rate, stream: lowering.nextStream() },
      shape: lowering.shapeOf(input),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** Drops elements at random while training: see Dropout. */
export function dropout(options: DropoutOptions): Dropout {
  return new Dropout(options);
}
