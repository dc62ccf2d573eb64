import type { Attribute } from '../../program/description.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { ActivationLayer } from './base-activation.js';

export interface ThresholdedReLUOptions extends LayerOptions {
  /** From 0 up. Default 1. */
  theta?: number;
}

/** x where x > theta, elsewhere 0. Any shape to the same shape. */
export class ThresholdedReLU extends ActivationLayer {
  static override readonly className: string = 'ThresholdedReLU';
  static override readonly optionNames: OptionNames<ThresholdedReLUOptions> = {
    ...LAYER_OPTIONS,
    theta: true,
  };

  readonly theta: number;

  constructor(options: ThresholdedReLUOptions = {}) {
    super(options);
    this.theta = this.fromZero('theta', options.theta ?? 1);
  }

  /** @internal */
  override attributesFor(): Record<string, Attribute> {
    return { kind: 'relu', threshold: this.theta };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), theta: this.theta };
  }
}

/** A rectifier that starts at a threshold: see ThresholdedReLU. */
export function thresholdedReLU<const O extends ThresholdedReLUOptions = NoOptions>(
  options?: Given<O, ThresholdedReLUOptions>,
): Shaped<ThresholdedReLU, 'thresholdedReLU', O> {
  return new ThresholdedReLU(options);
}
