import { ConvforgeError } from '../errors.js';
import { nameTable } from '../name-table.js';
import { show } from '../options.js';
import { givenOptions, type Serialized } from '../serialized.js';
import type { Spelled } from '../spelling.js';
import { Constraint } from './base-constraint.js';
import { MaxNorm } from './max-norm.js';
import { MinMaxNorm } from './min-max-norm.js';
import { NonNeg } from './non-neg.js';
import { UnitNorm } from './unit-norm.js';

type ConstraintClass = new (config: Record<string, unknown>) => Constraint;

const CLASSES = {
  maxNorm: MaxNorm,
  unitNorm: UnitNorm,
  nonNeg: NonNeg,
  minMaxNorm: MinMaxNorm,
} as const satisfies Record<string, ConstraintClass>;

const classNamed = nameTable<ConstraintClass>('constraint', CLASSES);

/** The name of a constraint. */
export type ConstraintName = keyof typeof CLASSES;

/** A constraint, its name (with default options), or its class name and config. */
export type ConstraintIdentifier = Spelled<ConstraintName> | Constraint | Serialized;

/**
 * Throws INVALID_ARGUMENT for an unknown name (the message has the nearest known one), or for any other
 * value.
 */
export function getConstraint(identifier: ConstraintIdentifier): Constraint {
  if (identifier instanceof Constraint) return identifier;
  if (typeof identifier === 'string') return new (classNamed(identifier))({});
  if (identifier !== null && typeof identifier === 'object' && typeof identifier.className === 'string')
    return new (classNamed(identifier.className))(givenOptions(identifier));
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `constraint: ${show(identifier)} is none; give a name such as 'nonNeg', or constraints.maxNorm({maxValue: 3}).`,
  );
}
