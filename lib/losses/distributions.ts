import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** The Kullback-Leibler divergence: sum of t log(t / p) over the last axis, both clipped to [1e-7, 1]. */
export const klDivergence: LossFunction = lossFunction((options) => describeLoss('klDivergence', options));

/** The Poisson loss: mean of p - t log(p + 1e-7). Outputs p are expected counts. */
export const poisson: LossFunction = lossFunction((options) => describeLoss('poisson', options));

/**
 * Minus the cosine of the angle between t and p along the last axis: -1 for vectors of the same direction.
 */
export const cosineSimilarity: LossFunction = lossFunction((options) =>
  describeLoss('cosineSimilarity', options),
);
