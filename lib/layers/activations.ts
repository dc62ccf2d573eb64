import { type OptionChecks, show, unknownName } from '../options.js';
import type { Lowering } from '../program/lower.js';

const ACTIVATIONS = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'] as const;

/** linear changes nothing; softmax is over the last axis. */
export type ActivationIdentifier = (typeof ACTIVATIONS)[number];

export function readActivation(checks: OptionChecks, value: unknown): ActivationIdentifier {
  if (typeof value !== 'string') {
    checks.fail(
      'INVALID_ARGUMENT',
      `activation is ${show(value)}; it must be one of ${ACTIVATIONS.join(', ')}.`,
    );
  }
  const known: readonly string[] = ACTIVATIONS;
  if (!known.includes(value)) checks.fail('UNSUPPORTED', unknownName('activation', value, known));
  return value as ActivationIdentifier;
}

/** Adds an activation node after `input`; 'linear' needs none. */
export function lowerActivation(
  lowering: Lowering,
  name: string,
  kind: ActivationIdentifier,
  input: number,
): number {
  if (kind === 'linear') return input;
  return lowering.add({
    name,
    op: 'activation',
    inputs: [input],
    attributes: { kind },
    shape: lowering.shapeOf(input),
  });
}
