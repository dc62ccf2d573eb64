import { camelCase } from '../camel-case.js';
import { type OptionChecks, show, unknownName } from '../options.js';
import type { ActivationAttributes } from '../program/contracts/index.js';
import type { Lowering } from './lower.js';

/**
 * The attributes of the `activation` node of each name. Its contract has the formulas. 'linear' has no node.
 */
const ACTIVATIONS = {
  linear: null,
  relu: { kind: 'relu' },
  relu6: { kind: 'relu', maxValue: 6 },
  leakyRelu: { kind: 'relu', negativeSlope: 0.2 },
  elu: { kind: 'elu' },
  selu: { kind: 'selu' },
  gelu: { kind: 'gelu' },
  geluNew: { kind: 'gelu', approximate: true },
  silu: { kind: 'silu' },
  mish: { kind: 'mish' },
  sigmoid: { kind: 'sigmoid' },
  hardSigmoid: { kind: 'hardSigmoid' },
  hardSwish: { kind: 'hardSwish' },
  tanh: { kind: 'tanh' },
  softplus: { kind: 'softplus' },
  softsign: { kind: 'softsign' },
  exponential: { kind: 'exponential' },
  softmax: { kind: 'softmax' },
  logSoftmax: { kind: 'logSoftmax' },
} as const satisfies Record<string, ActivationAttributes | null>;

/** Activations by the formulas of Keras 2 and TF.js. */
const OLDER_ACTIVATIONS: Readonly<Record<keyof typeof ACTIVATIONS, ActivationAttributes | null>> = {
  ...ACTIVATIONS,
  hardSigmoid: { kind: 'hardSigmoid', slope: 0.2 },
};

/** Aliases of names above. */
const ALIASES = { swish: 'silu', hardSilu: 'hardSwish' } as const;

/** The canonical name of an activation, to which aliases and snake_case resolve. */
export type ActivationName = keyof typeof ACTIVATIONS;

export function readActivation(checks: OptionChecks, value: unknown): ActivationName {
  const known = [...Object.keys(ACTIVATIONS), ...Object.keys(ALIASES)];
  if (typeof value !== 'string') {
    checks.fail('INVALID_ARGUMENT', `activation is ${show(value)}; it must be one of ${known.join(', ')}.`);
  }
  const name = camelCase(value);
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name as keyof typeof ALIASES];
  if (!Object.hasOwn(ACTIVATIONS, name)) checks.fail('UNSUPPORTED', unknownName('activation', value, known));
  return name as ActivationName;
}

/** Adds an activation node after `input` and returns its index. 'linear' adds none. */
export function lowerActivation(
  lowering: Lowering,
  name: string,
  activation: ActivationName,
  input: number,
): number {
  const table = lowering.formulas === 'keras' ? ACTIVATIONS : OLDER_ACTIVATIONS;
  const attributes = table[activation];
  return attributes ? lowerActivationNode(lowering, name, attributes, input) : input;
}

/** Adds an activation node with these attributes after `input`. */
export function lowerActivationNode(
  lowering: Lowering,
  name: string,
  attributes: ActivationAttributes,
  input: number,
): number {
  return lowering.add({ name, op: 'activation', inputs: [input], attributes });
}
