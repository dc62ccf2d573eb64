import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface ELUOptions extends LayerOptions {
  /** Limit of the outputs for large negative inputs, as -alpha; at least 0. Default 1. */
  alpha?: number;
}

const ELU_SCHEMA = { alpha: optional(fromZero, 1) };

export interface ELU extends FieldsOf<typeof ELU_SCHEMA> {}

/**
 * Exponential linear unit: x where x > 0, otherwise alpha * (e^x - 1). The output has the input's shape.
 *
 * Unlike ReLU it has negative outputs, which bring the mean of activations closer to 0 (Clevert et al.,
 * 2015).
 */
export class ELU extends ActivationLayer {
  static override readonly className: string = 'ELU';
  static override readonly schema: SchemaOf<ELUOptions> = { ...LAYER_SCHEMA, ...ELU_SCHEMA };

  constructor(options: ELUOptions = {}) {
    super(options);
  }

  /** @internal */
  override attributesFor(): ActivationAttributes {
    return { kind: 'elu', alpha: this.alpha };
  }
}

/** Makes an {@link ELU} layer. */
export function elu<const O extends ELUOptions = NoOptions>(
  options?: Given<O, ELUOptions>,
): Shaped<ELU, 'elu', O> {
  return new ELU(options);
}
