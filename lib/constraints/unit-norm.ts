import type { FieldsOf } from '../option-schema.js';
import type { ConstraintDescription } from '../program/description.js';
import { AXIS_SCHEMA, type AxisOptions, axesOf, Constraint } from './base-constraint.js';

export interface UnitNorm extends FieldsOf<typeof AXIS_SCHEMA> {}

/** Scales vectors to a norm of 1. */
export class UnitNorm extends Constraint {
  readonly className = 'UnitNorm';

  constructor(options: AxisOptions = {}) {
    super('unitNorm', options, AXIS_SCHEMA);
  }

  describe(rank: number): ConstraintDescription {
    return { kind: 'norm', minimum: 1, maximum: 1, rate: 1, axes: axesOf(this.checks, this.axis, rank) };
  }
}
