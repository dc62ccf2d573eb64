import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { type ActivationIdentifier, checkApplied, lowerApplied } from './applied.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { activation as activationKind } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';

export interface ActivationOptions extends LayerOptions {
  /** The activation function. */
  activation: ActivationIdentifier;
}

const ACTIVATION_SCHEMA = { activation: required(activationKind) };

export interface Activation extends FieldsOf<typeof ACTIVATION_SCHEMA> {}

/**
 * Applies an activation function to each element; softmax and logSoftmax work along the last axis. The output
 * has the input's shape.
 *
 * `layers.activation({ activation: 'relu' })` after a layer computes the same as the option
 * `activation: 'relu'` of that layer.
 */
export class Activation extends Layer {
  static override readonly className: string = 'Activation';
  static override readonly schema: SchemaOf<ActivationOptions> = { ...LAYER_SCHEMA, ...ACTIVATION_SCHEMA };

  constructor(options: ActivationOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkApplied(this.activation, inputShape);
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    return lowerApplied(lowering, this.name, this.activation, input);
  }
}

/** Makes an {@link Activation} layer. */
export function activation<const O extends ActivationOptions>(
  options: Given<O, ActivationOptions>,
): Shaped<Activation, 'activation', O> {
  return new Activation(options);
}
