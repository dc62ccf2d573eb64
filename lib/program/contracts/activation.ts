import type { Contract } from './contract.js';

/** An activation without options. */
export interface PlainActivation {
  /**
   * - 'selu': 1.0507009873554805 times elu with the alpha 1.6732632423543772.
   * - 'silu': x * sigmoid(x).
   * - 'mish': x * tanh(softplus(x)).
   * - 'hardSwish': x * hardSigmoid(x), of slope 1/6.
   * - 'sigmoid': 1 / (1 + e^-x).
   * - 'tanh': the hyperbolic tangent.
   * - 'exponential': e^x.
   * - 'softplus': log(1 + e^x).
   * - 'softsign': x / (1 + |x|).
   */
  kind: 'selu' | 'silu' | 'mish' | 'hardSwish' | 'sigmoid' | 'tanh' | 'exponential' | 'softplus' | 'softsign';
}

/** min(x, maxValue) where x > threshold, otherwise negativeSlope * (x - threshold). */
export interface ReluActivation {
  /** The gradient is negativeSlope at x = threshold, and 0 from maxValue on. */
  kind: 'relu';
  /** At least 0. Default 0. */
  negativeSlope?: number;
  /** At least 0. Default 0. */
  threshold?: number;
  /** Above 0. Default none. */
  maxValue?: number;
}

/** x where x > 0, otherwise alpha * (e^x - 1). */
export interface EluActivation {
  kind: 'elu';
  /** At least 0. Default 1. */
  alpha?: number;
}

/** max(x, 0) + min(alpha * (e^(x / alpha) - 1), 0) (Barron: Continuously differentiable ELUs, 2017). */
export interface CeluActivation {
  kind: 'celu';
  /** Above 0. Default 1. */
  alpha?: number;
}

/** x * P(X <= x) for a standard normal X, which is x / 2 * (1 + erf(x / sqrt(2))). */
export interface GeluActivation {
  kind: 'gelu';
  /**
   * Whether to use the approximation x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))). Default false.
   */
  approximate?: boolean;
}

/** slope * x + offset, clipped to [0, 1]. */
export interface HardSigmoidActivation {
  kind: 'hardSigmoid';
  /** Above 0. Default 1/6, as in Keras 3. TF.js's is 0.2. */
  slope?: number;
  /** Default 1/2. */
  offset?: number;
}

/** 'softmax': e^x / sum(e^x), the sum being along an axis. 'logSoftmax': its logarithm. */
export interface SoftmaxActivation {
  kind: 'softmax' | 'logSoftmax';
  /** The axis without the batch, from 0. Default: the last one. */
  axis?: number;
}

/** Attributes of `activation`: a kind, and what it takes. */
export type ActivationAttributes =
  | PlainActivation
  | ReluActivation
  | EluActivation
  | CeluActivation
  | GeluActivation
  | HardSigmoidActivation
  | SoftmaxActivation;

/** An activation function of each element, or of the elements along an axis. Formulas follow Keras 3. */
export const activation: Contract<ActivationAttributes> = {
  inputs: 'one',
  attributes: {
    kind: 'required',
    negativeSlope: 'optional',
    threshold: 'optional',
    maxValue: 'optional',
    alpha: 'optional',
    approximate: 'optional',
    slope: 'optional',
    offset: 'optional',
    axis: 'optional',
  },
  parameters: {},
  outputShapes({ attributes, inputs: [input], fail }) {
    if (attributes.kind !== 'softmax' && attributes.kind !== 'logSoftmax') return [input];
    if (input.length === 0) fail('SHAPE_MISMATCH', 'softmax needs an input with at least one axis, not [].');
    const { axis = input.length - 1 } = attributes;
    if (axis >= input.length)
      fail('INVALID_ARGUMENT', `axis is ${axis}; the input has ${input.length} axes.`);
    return [input];
  },
};
