import type { OptionChecks } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { type ActivationName, lowerActivation, lowerActivationNode, readActivation } from '../activations.js';
import type { LayerConfig } from '../config.js';
import { ActivationLayer } from './base-activation.js';

/**
 * An activation by name, also in snake_case ('hard_sigmoid'). linear changes nothing; softmax and logSoftmax are over the last axis;
 * leakyRelu has the slope 0.2 below 0; gelu is exact and geluNew its approximation by tanh; swish is silu, hardSilu is hardSwish.
 * hardSigmoid is Keras 3's, x / 6 + 1/2 limited to [0, 1]; in layers of a TF.js file it is TF.js's, x / 5 + 1/2.
 *
 * A layer that is an activation with options can be given instead: `layers.leakyReLU({ alpha: 0.1 })`, `reLU`, `elu`, `softmax` or
 * `thresholdedReLU`. Keras 3 reads a file with such a layer, TF.js doesn't.
 */
export type ActivationIdentifier =
  | ActivationName
  | 'swish'
  | 'hardSilu'
  | 'leaky_relu'
  | 'gelu_new'
  | 'hard_sigmoid'
  | 'hard_swish'
  | 'hard_silu'
  | 'log_softmax'
  | ActivationLayer;

/** What a layer applies to its outputs: an activation by name, or one with options. */
export type AppliedActivation = ActivationName | ActivationLayer;

/** The value of an option `activation`. */
export function readApplied(checks: OptionChecks, given: unknown): AppliedActivation {
  return given instanceof ActivationLayer ? given : readActivation(checks, given);
}

/** Throws SHAPE_MISMATCH for an activation that values of this shape can't have. */
export function checkApplied(activation: AppliedActivation, shape: Shape): void {
  if (typeof activation !== 'string') activation.attributesFor(shape);
}

/** Adds an activation node after `input`; 'linear' needs none. */
export function lowerApplied(
  lowering: Lowering,
  name: string,
  activation: AppliedActivation,
  input: number,
): number {
  if (typeof activation === 'string') return lowerActivation(lowering, name, activation, input);
  const attributes = activation.attributesFor(lowering.shapeOf(input));
  return lowerActivationNode(lowering, name, attributes, input);
}

/** What the name of its node ends in. */
export function activationLabel(activation: AppliedActivation): string {
  return typeof activation === 'string' ? activation : activation.getClassName();
}

/** The activation in a config: its name, or the layer as Keras 3 writes it. */
export function activationConfig(activation: AppliedActivation): string | LayerConfig {
  if (typeof activation === 'string') return activation;
  return { className: activation.getClassName(), config: activation.getConfig() };
}
