import type { LossDescription } from '../program/description.js';
import { describeLoss } from './describe.js';

/** Sum of t log(t / p) over the last axis, both clipped to [1e-7, 1]: the Kullback-Leibler divergence. */
export function klDivergence(): LossDescription {
  return describeLoss('klDivergence');
}

/** Mean of p - t log(p + 1e-7): outputs p are expected counts. */
export function poisson(): LossDescription {
  return describeLoss('poisson');
}

/** -cos of the angle between t and p along the last axis: -1 where they point the same way. */
export function cosineSimilarity(): LossDescription {
  return describeLoss('cosineSimilarity');
}
