import type { LossDescription } from '../program/description.js';
import type { Tensor, TensorLike } from '../tensor/index.js';
import { lossValues } from './loss-values.js';
import { computeWeightedLoss, type Reduction } from './reduction.js';

/**
 * A loss. With options, or nothing, it is described for compile; with labels and predictions it is computed at once, in JavaScript and
 * with its options' defaults.
 */
export interface LossFunction<Options = Readonly<Record<string, never>>> {
  (options?: Options): LossDescription;
  /**
   * The loss of these predictions: a scalar, the mean that `evaluate` would give; or as `reduction` says. Weights go with the losses: of
   * each element, or of each row (without the last axis) where the loss is one of rows. Throws SHAPE_MISMATCH, INVALID_LABEL.
   */
  (labels: TensorLike, predictions: TensorLike, weights?: TensorLike | null, reduction?: Reduction): Tensor;
}

export function lossFunction<Options>(
  describe: (options?: Options) => LossDescription,
): LossFunction<Options> {
  function loss(
    first?: Options | TensorLike,
    predictions?: TensorLike,
    weights?: TensorLike | null,
    reduction?: Reduction,
  ): LossDescription | Tensor {
    if (predictions === undefined) return describe(first as Options | undefined);
    return computeWeightedLoss(lossValues(describe(), first as TensorLike, predictions), weights, reduction);
  }
  return loss as LossFunction<Options>;
}
