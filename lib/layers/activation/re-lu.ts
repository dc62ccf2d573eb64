import type { Attribute } from '../../program/description.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { ActivationLayer } from './base-activation.js';

export interface ReLUOptions extends LayerOptions {
  /** No output is larger. Default, and for Infinity: there is no limit. */
  maxValue?: number;
  /** Slope up to the threshold, from 0 up. Default 0. */
  negativeSlope?: number;
  /** From 0 up. Default 0. */
  threshold?: number;
}

/** min(x, maxValue) where x > threshold, elsewhere negativeSlope * (x - threshold). Any shape to the same shape. */
export class ReLU extends ActivationLayer {
  static override readonly className: string = 'ReLU';
  static override readonly optionNames: OptionNames<ReLUOptions> = {
    ...LAYER_OPTIONS,
    maxValue: true,
    negativeSlope: true,
    threshold: true,
  };

  readonly maxValue?: number;
  readonly negativeSlope: number;
  readonly threshold: number;

  constructor(options: ReLUOptions = {}) {
    super(options);
    if (options.maxValue != null && options.maxValue !== Number.POSITIVE_INFINITY) {
      this.maxValue = this.checks.number(
        'maxValue',
        options.maxValue,
        (value) => value > 0,
        'a positive number',
      );
    }
    this.negativeSlope = this.fromZero('negativeSlope', options.negativeSlope ?? 0);
    this.threshold = this.fromZero('threshold', options.threshold ?? 0);
  }

  /** @internal */
  override attributesFor(): Record<string, Attribute> {
    const { negativeSlope, threshold, maxValue } = this;
    const attributes = { kind: 'relu', negativeSlope, threshold };
    return maxValue === undefined ? attributes : { ...attributes, maxValue };
  }

  override getConfig(): LayerConfig {
    const { maxValue, negativeSlope, threshold } = this;
    const config = { ...super.getConfig(), negativeSlope, threshold };
    return maxValue === undefined ? config : { ...config, maxValue };
  }
}

/** A rectifier with a limit, a slope and a threshold: see ReLU. */
export function reLU<const O extends ReLUOptions = NoOptions>(
  options?: Given<O, ReLUOptions>,
): Shaped<ReLU, 'reLU', O> {
  return new ReLU(options);
}
