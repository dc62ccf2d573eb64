import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { ActivationIdentifier } from '../activations.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import {
  type AppliedActivation,
  activationConfig,
  checkApplied,
  lowerApplied,
  readApplied,
} from './applied.js';

export interface ActivationOptions extends LayerOptions {
  /** What is applied. */
  activation: ActivationIdentifier;
}

/** Applies a function to each element (softmax and logSoftmax: to each last axis). Any shape to the same shape. */
export class Activation extends Layer {
  static override readonly className: string = 'Activation';
  static override readonly optionNames: OptionNames<ActivationOptions> = {
    ...LAYER_OPTIONS,
    activation: true,
  };

  readonly activation: AppliedActivation;

  constructor(options: ActivationOptions) {
    super(options);
    this.activation = readApplied(this.checks, options.activation);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkApplied(this.activation, inputShape);
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    return lowerApplied(lowering, this.name, this.activation, input);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), activation: activationConfig(this.activation) };
  }
}

/** An activation as a layer of its own: see Activation. */
export function activation<const O extends ActivationOptions>(
  options: Given<O, ActivationOptions>,
): Shaped<Activation, 'activation', O> {
  return new Activation(options);
}
