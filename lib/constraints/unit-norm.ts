import { OptionChecks } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';
import { type AxisOptions, axesOf, Constraint, readAxis } from './base-constraint.js';

/** Scales vectors to a norm of 1. */
export class UnitNorm extends Constraint {
  readonly className = 'UnitNorm';
  readonly axis: number | readonly number[];
  readonly #checks = new OptionChecks('unitNorm');

  constructor(options: AxisOptions = {}) {
    super();
    this.#checks.keys(options, ['axis']);
    this.axis = readAxis(this.#checks, options.axis);
  }

  describe(rank: number): ConstraintDescription {
    return { kind: 'norm', minimum: 1, maximum: 1, rate: 1, axes: axesOf(this.#checks, this.axis, rank) };
  }

  override getConfig(): Record<string, unknown> {
    return { axis: this.axis };
  }
}
