import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** Mean of max(1 - t p, 0); targets t are -1 or 1, and 0 counts as -1. */
export const hinge: LossFunction = lossFunction((options) => describeLoss('hinge', options));

/** Mean of max(1 - t p, 0)^2; targets as for hinge. */
export const squaredHinge: LossFunction = lossFunction((options) => describeLoss('squaredHinge', options));

/** max(max((1 - t) p) - sum t p + 1, 0) over the last axis, t being one-hot. */
export const categoricalHinge: LossFunction = lossFunction((options) =>
  describeLoss('categoricalHinge', options),
);
