import { Configured } from '../configured.js';
import { number } from '../option-kinds.js';
import { type Kind, optional, type SchemaOf } from '../option-schema.js';
import { type OptionChecks, show } from '../options.js';
import type { ConstraintDescription } from '../program/description.js';

/** A condition on a weight that is restored after each update: see `constraints`. */
export abstract class Constraint extends Configured {
  /** Keras's name of the class, such as "MaxNorm". Saved models use it. */
  abstract readonly className: string;

  /**
   * Describes the constraint for a weight of `rank` axes. Throws INVALID_ARGUMENT if it has too few.
   *
   * @internal
   */
  abstract describe(rank: number): ConstraintDescription;
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

/** An axis or a list of axes, kept as it is given: a config keeps the difference. */
const axes: Kind<number | readonly number[]> = {
  read(checks, name, value) {
    const list = [value].flat();
    if (list.length > 0 && list.every(Number.isSafeInteger)) return value as number | readonly number[];
    return checks.fail(
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it must be a whole number, or a list of one or more.`,
    );
  },
};

export const AXIS_SCHEMA = { axis: optional(axes, 0) } satisfies SchemaOf<AxisOptions>;

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

/** A norm, from 0 to 1e30. */
export const norm = number((value) => value >= 0 && value <= LARGEST_NORM, 'a number from 0 to 1e30');

/** An upper bound of a norm. Infinity becomes 1e30. */
export const largestNorm: Kind<number> = {
  read: (checks, name, value) =>
    value === Number.POSITIVE_INFINITY ? LARGEST_NORM : norm.read(checks, name, value),
};
