import type { NodeDescription, ParameterDescription } from '../description.js';
import { fail } from './checks.js';
import type { PlannedParameter } from './planned.js';
import type { FloatArray } from './precision.js';

export type Regularizer = NonNullable<ParameterDescription['regularizer']>;

/** Throws INVALID_ARGUMENT unless both factors are finite and not negative. */
export function checkRegularizer(node: NodeDescription, { name, regularizer }: ParameterDescription): void {
  if (!regularizer) return;
  for (const factor of [regularizer.l1, regularizer.l2]) {
    if (Number.isFinite(factor) && factor >= 0) continue;
    fail(
      node,
      'INVALID_ARGUMENT',
      `a factor of ${name}'s regularizer is ${factor}; it must be a finite number from 0 up.`,
    );
  }
}

/** The penalty that the regularizers of trainable weights add to a batch's loss. */
export function penalty(parameters: readonly PlannedParameter[], weights: readonly FloatArray[]): number {
  let sum = 0;
  for (const [index, { trainable, regularizer }] of parameters.entries()) {
    if (!trainable || !regularizer) continue;
    for (const w of weights[index]) sum += regularizer.l1 * Math.abs(w) + regularizer.l2 * w * w;
  }
  return sum;
}

/** Adds the gradients of the penalty. */
export function addPenaltyGradients(
  parameters: readonly PlannedParameter[],
  weights: readonly FloatArray[],
  gradients: readonly FloatArray[],
): void {
  for (const [index, { trainable, regularizer }] of parameters.entries()) {
    if (!trainable || !regularizer) continue;
    const gradient = gradients[index];
    for (const [i, w] of weights[index].entries())
      gradient[i] += regularizer.l1 * Math.sign(w) + 2 * regularizer.l2 * w;
  }
}
