import type { Attribute, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { OptionNames } from '../base-layer.js';
import { RANDOM_LAYER_OPTIONS, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import type { LayerConfig } from '../config.js';

/** What layers take that drop a share. */
export interface BaseDropoutOptions extends RandomLayerOptions {
  /** Share of what is dropped while training, in [0, 1). */
  rate: number;
}

export const BASE_DROPOUT_OPTIONS: OptionNames<BaseDropoutOptions> = { ...RANDOM_LAYER_OPTIONS, rate: true };

/** A layer that drops a share at random, in training only. Any shape to the same shape. */
export abstract class BaseDropout extends RandomLayer {
  /** Share of what is dropped while training. */
  readonly rate: number;

  constructor(options: BaseDropoutOptions) {
    super(options);
    this.rate = this.checks.number(
      'rate',
      options.rate,
      (rate) => rate >= 0 && rate < 1,
      'a number in [0, 1)',
    );
  }

  /** Of the dropout node, besides the rate and where draws come from, for an input of this shape. */
  protected attributesFor(_inputShape: Shape): Record<string, Attribute> {
    return {};
  }

  protected override inferShape(inputShape: Shape): Shape {
    this.attributesFor(inputShape);
    return inputShape;
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    const shape = lowering.shapeOf(input);
    return lowering.add({
      name: this.name,
      op: 'dropout',
      inputs: [input],
      attributes: { rate: this.rate, ...this.drawsFrom(lowering), ...this.attributesFor(shape) },
      shape,
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate };
  }
}
