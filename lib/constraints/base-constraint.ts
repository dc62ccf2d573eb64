import type { OptionChecks } from '../options.js';
import { show } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';

/** What a weight is brought to after each update: see `constraints`. */
export abstract class Constraint {
  /** As Keras names the class: "MaxNorm". Names it in saved models. */
  abstract readonly className: string;

  /**
   * For a weight of so many axes. Throws INVALID_ARGUMENT where it has too few.
   * @internal
   */
  abstract describe(rank: number): ConstraintDescription;

  /** The options that make this constraint again, as plain data. */
  getConfig(): Record<string, unknown> {
    return {};
  }
}

/** Where the norm of a constraint is taken. */
export interface AxisOptions {
  /**
   * The axis or axes over which a norm is taken; negative ones count from the end. Default 0: of a dense layer's kernel
   * [inputs, units], the inputs of each unit. For a convolution's kernel give [0, 1, 2], for one of a depthwise convolution [0, 1].
   */
  axis?: number | readonly number[];
}

/** A number is kept as it is: configs tell one axis from a list. */
export function readAxis(checks: OptionChecks, axis: AxisOptions['axis'] = 0): number | readonly number[] {
  const axes = [axis].flat();
  if (axes.length > 0 && axes.every(Number.isSafeInteger)) return axis;
  return checks.fail(
    'INVALID_ARGUMENT',
    `axis is ${show(axis)}; it must be a whole number, or a list of one or more.`,
  );
}

/** From 0 up, for a weight of so many axes. */
export function axesOf(checks: OptionChecks, axis: number | readonly number[], rank: number): number[] {
  return [axis].flat().map((given: number) => {
    const counted = given < 0 ? given + rank : given;
    if (counted >= 0 && counted < rank) return counted;
    return checks.fail('INVALID_ARGUMENT', `axis ${given} isn't there: the weight has ${rank} axes.`);
  });
}

/** No norm of finite weights that a network trains with comes near it. */
const LARGEST_NORM = 1e30;

/** The largest norm: as readNorm, and 1e30 for Infinity. */
export function readMaximum(checks: OptionChecks, name: string, value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? LARGEST_NORM : readNorm(checks, name, value);
}

/** A norm, from 0 to 1e30. */
export function readNorm(checks: OptionChecks, name: string, value: unknown): number {
  return checks.number(name, value, (norm) => norm >= 0 && norm <= LARGEST_NORM, 'a number from 0 to 1e30');
}
