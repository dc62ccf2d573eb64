import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

// Targets t have the shape of the outputs p; means are over all elements of a sample.

/** Mean of (p - t)^2. */
export const meanSquaredError: LossFunction = lossFunction((options) =>
  describeLoss('meanSquaredError', options),
);

/** Mean of |p - t|. */
export const meanAbsoluteError: LossFunction = lossFunction((options) =>
  describeLoss('meanAbsoluteError', options),
);

/** 100 times the mean of |p - t| / max(|t|, 1e-7). */
export const meanAbsolutePercentageError: LossFunction = lossFunction((options) =>
  describeLoss('meanAbsolutePercentageError', options),
);

/** Mean of (log(1 + p) - log(1 + t))^2, p and t below 1e-7 counting as that. */
export const meanSquaredLogarithmicError: LossFunction = lossFunction((options) =>
  describeLoss('meanSquaredLogarithmicError', options),
);

/** Sum of (t - p)^2 / 2 over a sample's outputs: the "total error" of textbooks. */
export const halfSquaredError: LossFunction = lossFunction((options) =>
  describeLoss('halfSquaredError', options),
);

/** Options of {@link huber}. */
export interface HuberOptions {
  /** The difference from which on the loss is linear. Above 0; default 1. */
  delta?: number;
}

/** Mean of d^2 / 2 where |d| <= delta, else of delta |d| - delta^2 / 2, with d = p - t (Huber, 1964). */
export const huber: LossFunction<HuberOptions> = lossFunction((options) => describeLoss('huber', options));

/** Mean of log(cosh(p - t)). */
export const logCosh: LossFunction = lossFunction((options) => describeLoss('logCosh', options));
