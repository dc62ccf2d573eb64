import type { LossDescription } from '../program/description.js';
import type { Tensor, TensorLike } from '../tensor/index.js';
import { lossValues } from './loss-values.js';
import { computeWeightedLoss, type Reduction } from './reduction.js';

/**
 * A loss. Called with options or nothing, it returns a description for compile. Called with labels and
 * predictions, it computes the loss at once in JavaScript, with default options.
 *
 * ```ts
 * model.compile({ optimizer: 'adam', loss: tf.losses.huber({ delta: 2 }) });
 * const value = tf.losses.huber(labels, predictions); // a scalar
 * ```
 */
export interface LossFunction<Options = Readonly<Record<string, never>>> {
  (options?: Options): LossDescription;
  /**
   * Computes the loss of predictions: a scalar, the mean that `evaluate` would return, or as `reduction`
   * says. There must be a weight for each element, or for each row (without the last axis) if the loss has
   * one value a row. Throws SHAPE_MISMATCH, INVALID_LABEL.
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
