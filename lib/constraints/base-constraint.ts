import type { OptionChecks } from '../options.js';
import { show } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';

/** A condition on a weight that is restored after each update: see `constraints`. */
export abstract class Constraint {
  /** Keras's name of the class, such as "MaxNorm". Saved models use it. */
  abstract readonly className: string;

  /**
   * Describes the constraint for a weight of `rank` axes. Throws INVALID_ARGUMENT if it has too few.
   *
   * @internal
   */
  abstract describe(rank: number): ConstraintDescription;

  /** The options that make this constraint again, as plain data. */
  getConfig(): Record<string, unknown> {
    return {};
  }
}

/** Options of constraints on a norm. */
export interface AxisOptions {
  /**
   * The axis or axes over which the norm is taken; negative ones count from the end. The default 0 is right
   * for a dense kernel [inputs, units]: a norm for each unit. For a convolution kernel give [0, 1, 2], for a
   * depthwise kernel [0, 1].
   */
  axis?: number | readonly number[];
}

/** Checks an axis or a list of axes, and returns it unchanged: a config keeps the difference. */
export function readAxis(checks: OptionChecks, axis: AxisOptions['axis'] = 0): number | readonly number[] {
  const axes = [axis].flat();
  if (axes.length > 0 && axes.every(Number.isSafeInteger)) return axis;
  return checks.fail(
    'INVALID_ARGUMENT',
    `axis is ${show(axis)}; it must be a whole number, or a list of one or more.`,
  );
}

/** The axes counted from 0, for a weight of `rank` axes. */
export function axesOf(checks: OptionChecks, axis: number | readonly number[], rank: number): number[] {
  return [axis].flat().map((given: number) => {
    const counted = given < 0 ? given + rank : given;
    if (counted >= 0 && counted < rank) return counted;
    return checks.fail('INVALID_ARGUMENT', `there is no axis ${given}: the weight has ${rank} axes.`);
  });
}

/** A norm that no trained weight comes near. */
const LARGEST_NORM = 1e30;

/** Reads an upper bound of a norm, as readNorm. Infinity becomes 1e30. */
export function readMaximum(checks: OptionChecks, name: string, value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? LARGEST_NORM : readNorm(checks, name, value);
}

/** Reads a norm, from 0 to 1e30. */
export function readNorm(checks: OptionChecks, name: string, value: unknown): number {
  return checks.number(name, value, (norm) => norm >= 0 && norm <= LARGEST_NORM, 'a number from 0 to 1e30');
}
