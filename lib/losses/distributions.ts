import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** Sum of t log(t / p) over the last axis, both clipped to [1e-7, 1]: the Kullback-Leibler divergence. */
export const klDivergence: LossFunction = lossFunction((options) => describeLoss('klDivergence', options));

/** Mean of p - t log(p + 1e-7): outputs p are expected counts. */
export const poisson: LossFunction = lossFunction((options) => describeLoss('poisson', options));

/** -cos of the angle between t and p along the last axis: -1 where they point the same way. */
export const cosineSimilarity: LossFunction = lossFunction((options) =>
  describeLoss('cosineSimilarity', options),
);
