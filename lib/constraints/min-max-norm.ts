import { number } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { ConstraintDescription } from '../program/description.js';
import { AXIS_SCHEMA, type AxisOptions, axesOf, Constraint, largestNorm, norm } from './base-constraint.js';

/** Options of {@link MinMaxNorm}. */
export interface MinMaxNormOptions extends AxisOptions {
  /** The smallest norm. Default 0. */
  minValue?: number;
  /** The largest norm, up to 1e30. Infinity means 1e30. Default 1. */
  maxValue?: number;
  /** How much of the difference to the nearest allowed norm each update removes, from 0 to 1. Default 1. */
  rate?: number;
}

const MIN_MAX_NORM_SCHEMA = {
  minValue: optional(norm, 0),
  maxValue: optional(largestNorm, 1),
  rate: optional(
    number((rate) => rate >= 0 && rate <= 1, 'a number from 0 to 1'),
    1,
  ),
  ...AXIS_SCHEMA,
} satisfies SchemaOf<MinMaxNormOptions>;

export interface MinMaxNorm extends FieldsOf<typeof MIN_MAX_NORM_SCHEMA> {}

/** Scales vectors to a norm between minValue and maxValue. */
export class MinMaxNorm extends Constraint {
  readonly className = 'MinMaxNorm';

  constructor(options: MinMaxNormOptions = {}) {
    super('minMaxNorm', options, MIN_MAX_NORM_SCHEMA);
    if (this.maxValue < this.minValue) {
      this.checks.fail('INVALID_ARGUMENT', `maxValue ${this.maxValue} is below minValue ${this.minValue}.`);
    }
  }

  describe(rank: number): ConstraintDescription {
    const { minValue: minimum, maxValue: maximum, rate } = this;
    return { kind: 'norm', minimum, maximum, rate, axes: axesOf(this.checks, this.axis, rank) };
  }
}
