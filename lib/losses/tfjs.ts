import type { LossDescription } from '../program/description.js';
import { log, mul, sub, sum, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { describeLoss } from './describe.js';
import { lossValues } from './loss-values.js';
import { computeWeightedLoss, type Reduction } from './reduction.js';

/*
 * Losses with TF.js's names and arguments. The first three return a description for compile when called
 * without arguments. All throw SHAPE_MISMATCH.
 */

/**
 * The softmax cross-entropy: -sum t log softmax(z) over the last axis, for logits z and one-hot labels or
 * distributions t. There must be a weight for each row.
 */
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

/**
 * The sigmoid cross-entropy: -t log s - (1 - t) log(1 - s) of each element, where s is the sigmoid of its
 * logit. There must be a weight for each element.
 */
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

/** The loss {@link huber}, with delta as an argument. */
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

/**
 * The log loss: -t log(p + epsilon) - (1 - t) log(1 - p + epsilon) of each element. Default epsilon: 1e-7.
 */
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

/** The cosine distance of unit vectors: 1 - sum t p over `axis`, which is kept with size 1. */
export function cosineDistance(
  labels: TensorLike,
  predictions: TensorLike,
  axis: number,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return computeWeightedLoss(sub(1, sum(mul(labels, predictions), axis, true)), weights, reduction);
}
