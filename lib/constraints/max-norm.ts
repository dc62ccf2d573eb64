import { OptionChecks } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';
import { type AxisOptions, axesOf, Constraint, readAxis, readMaximum } from './base-constraint.js';

/** Options of {@link MaxNorm}. */
export interface MaxNormOptions extends AxisOptions {
  /** The largest norm, up to 1e30. Infinity means 1e30. Default 2. */
  maxValue?: number;
}

/** Scales down vectors whose norm is above maxValue: Srivastava et al., "Dropout" (JMLR 2014). */
export class MaxNorm extends Constraint {
  readonly className = 'MaxNorm';
  readonly maxValue: number;
  readonly axis: number | readonly number[];
  readonly #checks = new OptionChecks('maxNorm');

  constructor(options: MaxNormOptions = {}) {
    super();
    this.#checks.keys(options, ['maxValue', 'axis']);
    this.maxValue = readMaximum(this.#checks, 'maxValue', options.maxValue ?? 2);
    this.axis = readAxis(this.#checks, options.axis);
  }

  describe(rank: number): ConstraintDescription {
    const axes = axesOf(this.#checks, this.axis, rank);
    return { kind: 'norm', minimum: 0, maximum: this.maxValue, rate: 1, axes };
  }

  override getConfig(): Record<string, unknown> {
    return { maxValue: this.maxValue, axis: this.axis };
  }
}
