import type { LossDescription } from '../program/description.js';
import { log, mul, sub, sum, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { describeLoss } from './describe.js';
import { lossValues } from './loss-values.js';
import { computeWeightedLoss, type Reduction } from './reduction.js';

/*
 * The losses that TF.js has under names and with arguments of its own. Without arguments the first three are described for compile.
 * Throw SHAPE_MISMATCH.
 */

/** -sum t log softmax(z) over the last axis, of logits z and one-hot labels (or distributions) t. Weights are of rows. */
export function softmaxCrossEntropy(): LossDescription;
export function softmaxCrossEntropy(
  onehotLabels: TensorLike,
  logits: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing?: number,
  reduction?: Reduction,
): Tensor;
export function softmaxCrossEntropy(
  labels?: TensorLike,
  logits?: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing = 0,
  reduction?: Reduction,
): LossDescription | Tensor {
  const loss = describeLoss('categoricalCrossentropy', { fromLogits: true, labelSmoothing });
  if (labels === undefined || logits === undefined) return loss;
  return computeWeightedLoss(lossValues(loss, labels, logits), weights, reduction);
}

/** -t log s - (1 - t) log(1 - s) of each element, s being the sigmoid of its logit. Weights are of elements. */
export function sigmoidCrossEntropy(): LossDescription;
export function sigmoidCrossEntropy(
  multiClassLabels: TensorLike,
  logits: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing?: number,
  reduction?: Reduction,
): Tensor;
export function sigmoidCrossEntropy(
  labels?: TensorLike,
  logits?: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing = 0,
  reduction?: Reduction,
): LossDescription | Tensor {
  const loss = describeLoss('binaryCrossentropy', { fromLogits: true, labelSmoothing });
  if (labels === undefined || logits === undefined) return loss;
  return computeWeightedLoss(lossValues(loss, labels, logits), weights, reduction);
}

/** The loss `huber` with its delta among the arguments. */
export function huberLoss(): LossDescription;
export function huberLoss(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  delta?: number,
  reduction?: Reduction,
): Tensor;
export function huberLoss(
  labels?: TensorLike,
  predictions?: TensorLike,
  weights?: TensorLike | null,
  delta = 1,
  reduction?: Reduction,
): LossDescription | Tensor {
  const loss = describeLoss('huber', { delta });
  if (labels === undefined || predictions === undefined) return loss;
  return computeWeightedLoss(lossValues(loss, labels, predictions), weights, reduction);
}

/** -t log(p + epsilon) - (1 - t) log(1 - p + epsilon) of each element; epsilon is 1e-7 by default. */
export function logLoss(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  epsilon = 1e-7,
  reduction?: Reduction,
): Tensor {
  const [t, p] = [toTensor(labels, 'logLoss: labels'), toTensor(predictions, 'logLoss: predictions')];
  const right = mul(t, log(p.add(epsilon)));
  const wrong = mul(sub(1, t), log(sub(1 + epsilon, p)));
  return computeWeightedLoss(right.add(wrong).neg(), weights, reduction);
}

/** 1 - sum t p over `axis`, which stays with size 1: the cosine distance of vectors of length 1. */
export function cosineDistance(
  labels: TensorLike,
  predictions: TensorLike,
  axis: number,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return computeWeightedLoss(sub(1, sum(mul(labels, predictions), axis, true)), weights, reduction);
}
