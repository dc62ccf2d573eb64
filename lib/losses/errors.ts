import type { LossDescription } from '../program/description.js';
import { describeLoss } from './describe.js';

// Targets t have the shape of the outputs p; means are over all elements of a sample.

/** Mean of (p - t)^2. */
export function meanSquaredError(): LossDescription {
  return describeLoss('meanSquaredError');
}

/** Mean of |p - t|. */
export function meanAbsoluteError(): LossDescription {
  return describeLoss('meanAbsoluteError');
}

/** 100 times the mean of |p - t| / max(|t|, 1e-7). */
export function meanAbsolutePercentageError(): LossDescription {
  return describeLoss('meanAbsolutePercentageError');
}

/** Mean of (log(1 + p) - log(1 + t))^2, p and t below 1e-7 counting as that. */
export function meanSquaredLogarithmicError(): LossDescription {
  return describeLoss('meanSquaredLogarithmicError');
}

/** Sum of (t - p)^2 / 2 over a sample's outputs: the "total error" of textbooks. */
export function halfSquaredError(): LossDescription {
  return describeLoss('halfSquaredError');
}

export interface HuberOptions {
  /** The difference from which on the loss is linear. Above 0; default 1. */
  delta?: number;
}

/** Mean of d^2 / 2 where |d| <= delta, else of delta |d| - delta^2 / 2, with d = p - t (Huber, 1964). */
export function huber(options: HuberOptions = {}): LossDescription {
  return describeLoss('huber', options);
}

/** Mean of log(cosh(p - t)). */
export function logCosh(): LossDescription {
  return describeLoss('logCosh');
}
