import { OptionChecks } from '../options.js';
import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** Options of losses whose outputs may be logits. */
export interface LogitsOptions {
  /**
   * Whether the outputs are logits. The loss then applies the softmax, or for binary losses the sigmoid.
   * Default false.
   */
  fromLogits?: boolean;
}

/** Options of cross-entropies. */
export interface CrossentropyOptions extends LogitsOptions {
  /**
   * The share s of each target that is spread over all classes, from 0 to 1. A target t becomes t (1 - s) + s
   * / classes, or t (1 - s) + s / 2 in binary losses. Default 0.
   */
  labelSmoothing?: number;
}

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseCrossentropyOptions extends CrossentropyOptions {
  /**
   * A class that doesn't count, such as 255 or -1 for void pixels: a whole number, also outside [0, classes).
   * The loss of a batch is then the mean over its other rows, and 0 if it has none. Default null: all classes
   * count.
   */
  ignoreClass?: number | null;
}

/** Options of focal cross-entropies. */
export interface FocalOptions extends CrossentropyOptions {
  /**
   * The exponent of 1 - p, at least 0. A larger gamma gives less weight to rows that are almost right.
   * Default 2.
   */
  gamma?: number;
  /** The weight of the classes. Default 0.25. */
  alpha?: number;
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends FocalOptions {
  /**
   * Whether targets of 1 have the weight `alpha` and targets of 0 the weight 1 - alpha. Default false: all
   * have weight 1.
   */
  applyClassBalancing?: boolean;
}

/**
 * The cross-entropy of one-hot targets, or of distributions: -sum t log p over the last axis.
 *
 * Targets t and outputs p: [n, ..., classes]. If p isn't the output of a softmax, it is divided by its sum
 * and clipped to [1e-7, 1 - 1e-7].
 */
export const categoricalCrossentropy: LossFunction<CrossentropyOptions> = lossFunction((options) =>
  describeLoss('categoricalCrossentropy', options),
);

/**
 * The cross-entropy of whole-number classes: -log p[t].
 *
 * Outputs p: [n, ..., classes]. Targets t: [n, ...], from 0 to classes - 1. With `labelSmoothing`, which
 * Keras lacks, it is the cross-entropy of the smoothed one-hot targets. With `ignoreClass`, it is the mean
 * over a batch's rows of other classes; an epoch's loss is then the mean of its batches' losses, weighted by
 * their numbers of samples, as in Keras.
 */
export const sparseCategoricalCrossentropy: LossFunction<SparseCrossentropyOptions> = lossFunction(
  (options) => describeLoss('sparseCategoricalCrossentropy', options),
);

/**
 * The cross-entropy of outputs that are a class each: the mean over the last axis of -(t log p + (1 - t)
 * log(1 - p)).
 *
 * Targets t and outputs p have one shape. For the output of a sigmoid, the loss is computed from the logits;
 * other outputs are clipped to [1e-7, 1 - 1e-7].
 */
export const binaryCrossentropy: LossFunction<CrossentropyOptions> = lossFunction((options) =>
  describeLoss('binaryCrossentropy', options),
);

/**
 * Binary cross-entropy times (1 - q)^gamma, where q is the probability of the true value (Lin et al., 2017).
 */
export const binaryFocalCrossentropy: LossFunction<BinaryFocalOptions> = lossFunction((options = {}) => {
  const checks = new OptionChecks('binaryFocalCrossentropy');
  checks.keys(options, ['fromLogits', 'labelSmoothing', 'gamma', 'alpha', 'applyClassBalancing']);
  const { applyClassBalancing = false, alpha = 0.25, ...rest } = options;
  const balances = checks.boolean('applyClassBalancing', applyClassBalancing);
  const balanced = describeLoss('binaryFocalCrossentropy', { ...rest, alpha });
  return balances ? balanced : describeLoss('binaryFocalCrossentropy', rest);
});

/**
 * Focal cross-entropy of one-hot targets: -sum alpha (1 - p)^gamma t log p over the last axis (Lin et al.,
 * 2017).
 */
export const categoricalFocalCrossentropy: LossFunction<FocalOptions> = lossFunction((options) =>
  describeLoss('categoricalFocalCrossentropy', options),
);
