import { type PartClass, partReader } from '../name-table.js';
import type { Serialized } from '../serialized.js';
import type { Spelled } from '../spelling.js';
import { Constraint } from './base-constraint.js';
import { MaxNorm } from './max-norm.js';
import { MinMaxNorm } from './min-max-norm.js';
import { NonNeg } from './non-neg.js';
import { UnitNorm } from './unit-norm.js';

const CLASSES = {
  maxNorm: MaxNorm,
  unitNorm: UnitNorm,
  nonNeg: NonNeg,
  minMaxNorm: MinMaxNorm,
} as const satisfies Record<string, PartClass<Constraint>>;

const read = partReader<Constraint>(
  'constraint',
  Constraint,
  CLASSES,
  "give a name such as 'nonNeg', or constraints.maxNorm({maxValue: 3}).",
);

/** The name of a constraint. */
export type ConstraintName = keyof typeof CLASSES;

/** A constraint, its name (with default options), or its class name and config. */
export type ConstraintIdentifier = Spelled<ConstraintName> | Constraint | Serialized;

/**
 * Throws INVALID_ARGUMENT for an unknown name (the message has the nearest known one), or for any other
 * value.
 */
export function getConstraint(identifier: ConstraintIdentifier): Constraint {
  return read(identifier);
}
