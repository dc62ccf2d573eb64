import { OptionChecks } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';
import { type AxisOptions, axesOf, Constraint, readAxis, readMaximum, readNorm } from './base-constraint.js';

/** Options of {@link MinMaxNorm}. */
export interface MinMaxNormOptions extends AxisOptions {
  /** The smallest norm. Default 0. */
  minValue?: number;
  /** The largest norm, up to 1e30. Infinity means 1e30. Default 1. */
  maxValue?: number;
  /** How much of the difference to the nearest allowed norm each update removes, from 0 to 1. Default 1. */
  rate?: number;
}

/** Scales vectors to a norm between minValue and maxValue. */
export class MinMaxNorm extends Constraint {
  readonly className = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: number | readonly number[];
  readonly #checks = new OptionChecks('minMaxNorm');

  constructor(options: MinMaxNormOptions = {}) {
    super();
    this.#checks.keys(options, ['minValue', 'maxValue', 'rate', 'axis']);
    this.minValue = readNorm(this.#checks, 'minValue', options.minValue ?? 0);
    this.maxValue = readMaximum(this.#checks, 'maxValue', options.maxValue ?? 1);
    if (this.maxValue < this.minValue) {
      this.#checks.fail('INVALID_ARGUMENT', `maxValue ${this.maxValue} is below minValue ${this.minValue}.`);
    }
    this.rate = this.#checks.number(
      'rate',
      options.rate ?? 1,
      (rate) => rate >= 0 && rate <= 1,
      'a number from 0 to 1',
    );
    this.axis = readAxis(this.#checks, options.axis);
  }

  describe(rank: number): ConstraintDescription {
    const { minValue: minimum, maxValue: maximum, rate } = this;
    return { kind: 'norm', minimum, maximum, rate, axes: axesOf(this.#checks, this.axis, rank) };
  }

  override getConfig(): Record<string, unknown> {
    const { minValue, maxValue, rate, axis } = this;
    return { minValue, maxValue, rate, axis };
  }
}
