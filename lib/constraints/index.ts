import type { AxisOptions } from './base-constraint.js';
import { MaxNorm, type MaxNormOptions } from './max-norm.js';
import { MinMaxNorm, type MinMaxNormOptions } from './min-max-norm.js';
import { NonNeg } from './non-neg.js';
import { UnitNorm } from './unit-norm.js';

export { Constraint } from './base-constraint.js';
export { type ConstraintIdentifier, type ConstraintName, getConstraint } from './registry.js';
export { MaxNorm, MinMaxNorm, NonNeg, UnitNorm };
export type { AxisOptions, MaxNormOptions, MinMaxNormOptions };

/** See {@link MaxNorm}. */
export const maxNorm = (options?: MaxNormOptions): MaxNorm => new MaxNorm(options);
/** See {@link UnitNorm}. */
export const unitNorm = (options?: AxisOptions): UnitNorm => new UnitNorm(options);
/** See {@link NonNeg}. */
export const nonNeg = (): NonNeg => new NonNeg();
/** See {@link MinMaxNorm}. */
export const minMaxNorm = (options?: MinMaxNormOptions): MinMaxNorm => new MinMaxNorm(options);
