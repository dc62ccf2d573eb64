import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface ThresholdedReLUOptions extends LayerOptions {
  /** Inputs up to this one give 0; at least 0. Default 1. */
  theta?: number;
}

const THRESHOLDED_RELU_SCHEMA = { theta: optional(fromZero, 1) };

export interface ThresholdedReLU extends FieldsOf<typeof THRESHOLDED_RELU_SCHEMA> {}

/** Thresholded rectified linear unit: x where x > theta, otherwise 0. The output has the input's shape. */
export class ThresholdedReLU extends ActivationLayer {
  static override readonly className: string = 'ThresholdedReLU';
  static override readonly schema: SchemaOf<ThresholdedReLUOptions> = {
    ...LAYER_SCHEMA,
    ...THRESHOLDED_RELU_SCHEMA,
  };

  constructor(options: ThresholdedReLUOptions = {}) {
    super(options);
  }

  /** @internal */
  override attributesFor(): ActivationAttributes {
    return { kind: 'relu', threshold: this.theta };
  }
}

/** Makes a {@link ThresholdedReLU} layer. */
export function thresholdedReLU<const O extends ThresholdedReLUOptions = NoOptions>(
  options?: Given<O, ThresholdedReLUOptions>,
): Shaped<ThresholdedReLU, 'thresholdedReLU', O> {
  return new ThresholdedReLU(options);
}
