import type { OptionChecks } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { type ActivationName, lowerActivation, lowerActivationNode, readActivation } from '../activations.js';
import type { LayerConfig } from '../config.js';
import { ActivationLayer } from './base-activation.js';

/**
 * The name of an activation, in camelCase or snake_case ('hard_sigmoid'):
 *
 * - 'linear' is the identity.
 * - 'softmax' and 'logSoftmax' work along the last axis.
 * - 'leakyRelu' has the slope 0.2 below 0.
 * - 'gelu' is exact; 'geluNew' is its tanh approximation.
 * - 'swish' is another name of 'silu', 'hardSilu' of 'hardSwish'.
 * - 'hardSigmoid' is x / 6 + 1/2 limited to [0, 1], as in Keras 3. In layers of a TF.js file the slope is
 *   1/5.
 *
 * An activation layer may stand in for a name where the function needs options:
 * `layers.leakyReLU({ alpha: 0.1 })`, `reLU`, `elu`, `softmax` or `thresholdedReLU`. Keras 3 reads a file
 * with such a layer, TF.js doesn't.
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

/** The activation of a layer's outputs: a name, or an activation layer with options. */
export type AppliedActivation = ActivationName | ActivationLayer;

/** Reads the option `activation`. */
export function readApplied(checks: OptionChecks, given: unknown): AppliedActivation {
  return given instanceof ActivationLayer ? given : readActivation(checks, given);
}

/**
 * Throws SHAPE_MISMATCH if the activation can't apply to this shape, such as a softmax along a missing axis.
 */
export function checkApplied(activation: AppliedActivation, shape: Shape): void {
  if (typeof activation !== 'string') activation.attributesFor(shape);
}

/** Adds an activation node after `input` and returns its index. 'linear' adds none. */
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

/** The last part of the activation node's name. */
export function activationLabel(activation: AppliedActivation): string {
  return typeof activation === 'string' ? activation : activation.getClassName();
}

/** Writes the activation to a config: its name, or the layer as Keras 3 writes it. */
export function activationConfig(activation: AppliedActivation): string | LayerConfig {
  if (typeof activation === 'string') return activation;
  return { className: activation.getClassName(), config: activation.getConfig() };
}
