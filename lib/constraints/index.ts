import type { AxisOptions } from './base-constraint.js';
import { MaxNorm, type MaxNormOptions } from './max-norm.js';
import { MinMaxNorm, type MinMaxNormOptions } from './min-max-norm.js';
import { NonNeg } from './non-neg.js';
import { UnitNorm } from './unit-norm.js';

export { Constraint } from './base-constraint.js';
export { type ConstraintIdentifier, getConstraint } from './registry.js';
export type { AxisOptions, MaxNormOptions, MinMaxNormOptions };

export const maxNorm = (options?: MaxNormOptions): MaxNorm => new MaxNorm(options);
export const unitNorm = (options?: AxisOptions): UnitNorm => new UnitNorm(options);
export const nonNeg = (): NonNeg => new NonNeg();
export const minMaxNorm = (options?: MinMaxNormOptions): MinMaxNorm => new MinMaxNorm(options);
