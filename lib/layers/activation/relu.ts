import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface ReLUOptions extends LayerOptions {
  /** No output is larger. Default, and for Infinity: there is no limit. */
  maxValue?: number;
  /** Slope up to the threshold, from 0 up. Default 0. */
  negativeSlope?: number;
  /** From 0 up. Default 0. */
  threshold?: number;
}

/** A number above 0; nothing for Infinity, which is no limit. */
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

/** min(x, maxValue) where x > threshold, elsewhere negativeSlope * (x - threshold). Any shape to the same shape. */
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

/** A rectifier with a limit, a slope and a threshold: see ReLU. */
export function reLU<const O extends ReLUOptions = NoOptions>(
  options?: Given<O, ReLUOptions>,
): Shaped<ReLU, 'reLU', O> {
  return new ReLU(options);
}
