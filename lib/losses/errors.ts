import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

// Targets t have the shape of the outputs p. Means are over all elements of a sample.

/** The mean squared error: mean of (p - t)^2. */
export const meanSquaredError: LossFunction = lossFunction((options) =>
  describeLoss('meanSquaredError', options),
);

/** The mean absolute error: mean of |p - t|. */
export const meanAbsoluteError: LossFunction = lossFunction((options) =>
  describeLoss('meanAbsoluteError', options),
);

/** The mean absolute percentage error: 100 times the mean of |p - t| / max(|t|, 1e-7). */
export const meanAbsolutePercentageError: LossFunction = lossFunction((options) =>
  describeLoss('meanAbsolutePercentageError', options),
);

/**
 * The mean squared logarithmic error: mean of (log(1 + p) - log(1 + t))^2. Values of p and t below 1e-7 count
 * as 1e-7.
 */
export const meanSquaredLogarithmicError: LossFunction = lossFunction((options) =>
  describeLoss('meanSquaredLogarithmicError', options),
);

/** Half the squared error: sum of (t - p)^2 / 2 over a sample's outputs, the "total error" of textbooks. */
export const halfSquaredError: LossFunction = lossFunction((options) =>
  describeLoss('halfSquaredError', options),
);

/** Options of {@link huber}. */
export interface HuberOptions {
  /** The difference above which the loss is linear. Must be above 0. Default 1. */
  delta?: number;
}

/**
 * The Huber loss, with d = p - t: mean of d^2 / 2 where |d| <= delta, else of delta |d| - delta^2 / 2 (Huber,
 * 1964).
 */
export const huber: LossFunction<HuberOptions> = lossFunction((options) => describeLoss('huber', options));

/** Mean of log(cosh(p - t)). */
export const logCosh: LossFunction = lossFunction((options) => describeLoss('logCosh', options));
