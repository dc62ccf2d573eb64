import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { mul, notEqual, onesLike, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';

/**
 * How losses are reduced, under TF.js's names. Without weights, MEAN and SUM_BY_NONZERO_WEIGHTS are both the
 * mean.
 */
export const Reduction = {
  /** Not at all: the losses times their weights. */
  NONE: 0,
  /** Their weighted sum, divided by the sum of the weights. */
  MEAN: 1,
  /** Their weighted sum. */
  SUM: 2,
  /** Their weighted sum, divided by the number of weights that aren't 0. */
  SUM_BY_NONZERO_WEIGHTS: 3,
} as const;

/** A value of the constant Reduction. */
export type Reduction = (typeof Reduction)[keyof typeof Reduction];

/**
 * Multiplies losses by their weights and reduces them to a scalar, or with Reduction.NONE to the losses'
 * shape.
 *
 * @param weights Broadcast to the losses' shape. Default: all 1.
 * @param reduction Default: Reduction.SUM_BY_NONZERO_WEIGHTS.
 */
export function computeWeightedLoss(
  losses: TensorLike,
  weights?: TensorLike | null,
  reduction: Reduction = Reduction.SUM_BY_NONZERO_WEIGHTS,
): Tensor {
  const given = toTensor(losses, 'computeWeightedLoss: losses').toFloat();
  const counts = mul(onesLike(given), weights ?? 1);
  const weighted = mul(given, counts);
  switch (reduction) {
    case Reduction.NONE:
      return weighted;
    case Reduction.SUM:
      return weighted.sum();
    case Reduction.MEAN:
      return weighted.sum().div(counts.sum());
    case Reduction.SUM_BY_NONZERO_WEIGHTS:
      return weighted.sum().div(notEqual(counts, 0).sum());
    default:
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `reduction is ${show(reduction)}; it must be one of Reduction.${Object.keys(Reduction).join(', Reduction.')}.`,
      );
  }
}
