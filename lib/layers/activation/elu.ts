import type { Attribute } from '../../program/description.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { ActivationLayer } from './base-activation.js';

export interface ELUOptions extends LayerOptions {
  /** Outputs stay above -alpha; from 0 up. Default 1. */
  alpha?: number;
}

/** x where x > 0, elsewhere alpha * (e^x - 1). Any shape to the same shape. */
export class ELU extends ActivationLayer {
  static override readonly className: string = 'ELU';
  static override readonly optionNames: OptionNames<ELUOptions> = { ...LAYER_OPTIONS, alpha: true };

  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options);
    this.alpha = this.fromZero('alpha', options.alpha ?? 1);
  }

  /** @internal */
  override attributesFor(): Record<string, Attribute> {
    return { kind: 'elu', alpha: this.alpha };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** The exponential linear unit: see ELU. */
export function elu<const O extends ELUOptions = NoOptions>(
  options?: Given<O, ELUOptions>,
): Shaped<ELU, 'elu', O> {
  return new ELU(options);
}
