import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { ConstraintDescription } from '../program/description.js';
import { AXIS_SCHEMA, type AxisOptions, axesOf, Constraint, largestNorm } from './base-constraint.js';

/** Options of {@link MaxNorm}. */
export interface MaxNormOptions extends AxisOptions {
  /** The largest norm, up to 1e30. Infinity means 1e30. Default 2. */
  maxValue?: number;
}

const MAX_NORM_SCHEMA = {
  maxValue: optional(largestNorm, 2),
  ...AXIS_SCHEMA,
} satisfies SchemaOf<MaxNormOptions>;

export interface MaxNorm extends FieldsOf<typeof MAX_NORM_SCHEMA> {}

/** Scales down vectors whose norm is above maxValue: Srivastava et al., "Dropout" (JMLR 2014). */
export class MaxNorm extends Constraint {
  readonly className = 'MaxNorm';

  constructor(options: MaxNormOptions = {}) {
    super('maxNorm', options, MAX_NORM_SCHEMA);
  }

  describe(rank: number): ConstraintDescription {
    const axes = axesOf(this.checks, this.axis, rank);
    return { kind: 'norm', minimum: 0, maximum: this.maxValue, rate: 1, axes };
  }
}
