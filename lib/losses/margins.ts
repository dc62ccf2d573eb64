import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** The hinge loss: mean of max(1 - t p, 0). Targets t are -1 or 1, and 0 counts as -1. */
export const hinge: LossFunction = lossFunction((options) => describeLoss('hinge', options));

/** The squared hinge loss: mean of max(1 - t p, 0)^2. Targets as for {@link hinge}. */
export const squaredHinge: LossFunction = lossFunction((options) => describeLoss('squaredHinge', options));

/**
 * The categorical hinge loss: max(max((1 - t) p) - sum t p + 1, 0) over the last axis. Targets t are one-hot.
 */
export const categoricalHinge: LossFunction = lossFunction((options) =>
  describeLoss('categoricalHinge', options),
);
