import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { fromZero } from '../options/kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { ActivationLayer } from './base-activation.js';

export interface ELUOptions extends LayerOptions {
  /** Outputs stay above -alpha; from 0 up. Default 1. */
  alpha?: number;
}

const ELU_SCHEMA = { alpha: optional(fromZero, 1) };

export interface ELU extends FieldsOf<typeof ELU_SCHEMA> {}

/** x where x > 0, elsewhere alpha * (e^x - 1). Any shape to the same shape. */
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

/** The exponential linear unit: see ELU. */
export function elu<const O extends ELUOptions = NoOptions>(
  options?: Given<O, ELUOptions>,
): Shaped<ELU, 'elu', O> {
  return new ELU(options);
}
