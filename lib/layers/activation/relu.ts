import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface ReLUOptions extends LayerOptions {
  /** Upper limit of the outputs, above 0. Default: none, as with Infinity. */
  maxValue?: number;
  /** Slope below the threshold; at least 0. Default 0. */
  negativeSlope?: number;
  /** Inputs up to this one count as inactive; at least 0. Default 0. */
  threshold?: number;
}

/** A number above 0. Infinity reads as undefined: no limit. */
const limit: Kind<number, number | undefined> = {
  read(checks, name, value) {
    if (value === Number.POSITIVE_INFINITY) return undefined;
    return checks.number(name, value, (number) => number > 0, 'a positive number');
  },
};

const RELU_SCHEMA = {
  negativeSlope: optional(fromZero, 0),
  threshold: optional(fromZero, 0),
  maxValue: optional(limit),
};

export interface ReLU extends FieldsOf<typeof RELU_SCHEMA> {}

/**
 * Rectified linear unit: min(x, maxValue) where x > threshold, otherwise negativeSlope * (x - threshold).
 * With the defaults it is max(x, 0). The output has the input's shape.
 */
export class ReLU extends ActivationLayer {
  static override readonly className: string = 'ReLU';
  static override readonly schema: SchemaOf<ReLUOptions> = { ...LAYER_SCHEMA, ...RELU_SCHEMA };

  constructor(options: ReLUOptions = {}) {
    super(options);
  }

  /** @internal */
  override attributesFor(): ActivationAttributes {
    const { negativeSlope, threshold, maxValue } = this;
    const attributes = { kind: 'relu', negativeSlope, threshold } as const;
    return maxValue === undefined ? attributes : { ...attributes, maxValue };
  }
}

/** Makes a {@link ReLU} layer. */
export function reLU<const O extends ReLUOptions = NoOptions>(
  options?: Given<O, ReLUOptions>,
): Shaped<ReLU, 'reLU', O> {
  return new ReLU(options);
}
