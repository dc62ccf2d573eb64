import { OptionChecks } from '../options.js';
import { describeLoss } from './describe.js';
import { type LossFunction, lossFunction } from './loss-function.js';

/** What losses take whose outputs may be logits. */
export interface LogitsOptions {
  /** Whether the outputs are logits, so that the loss applies the softmax (or, of binary losses, the sigmoid). Default false. */
  fromLogits?: boolean;
}

/** What crossentropies take. */
export interface CrossentropyOptions extends LogitsOptions {
  /**
   * Above 0, the share of each target that is spread over all classes: t becomes t (1 - s) + s / classes, or s / 2 where each output
   * is a class of its own. From 0 to 1; default 0.
   */
  labelSmoothing?: number;
}

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseCrossentropyOptions extends CrossentropyOptions {
  /**
   * A class that does not count, such as the 255 or -1 of void pixels: a whole number, which may lie outside [0, classes). The loss of
   * a batch is then the mean over its other rows, and 0 if it has none. Default null: all classes count.
   */
  ignoreClass?: number | null;
}

/** What focal crossentropies take. */
export interface FocalOptions extends CrossentropyOptions {
  /** How much less is made of what is nearly right: the exponent of 1 - p. From 0 up; default 2. */
  gamma?: number;
  /** What the classes weigh. Default 0.25. */
  alpha?: number;
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends FocalOptions {
  /** Whether targets of 1 weigh `alpha` and those of 0 weigh 1 - alpha. Default false: all weigh the same. */
  applyClassBalancing?: boolean;
}

/**
 * -sum t log p over the last axis, t being one-hot or a distribution. Outputs that aren't a softmax's are divided by their sum and
 * clipped to [1e-7, 1 - 1e-7].
 */
export const categoricalCrossentropy: LossFunction<CrossentropyOptions> = lossFunction((options) =>
  describeLoss('categoricalCrossentropy', options),
);

/**
 * -log p[t], t being the class as a whole number: targets have the outputs' shape without its last axis. With `labelSmoothing`, which Keras's
 * hasn't, it is that of the smoothed one-hot rows. With `ignoreClass` it is the mean over the rows of a batch that are of another class; an
 * epoch's loss is the mean of its batches' losses by their numbers of samples, as in Keras.
 */
export const sparseCategoricalCrossentropy: LossFunction<SparseCrossentropyOptions> = lossFunction(
  (options) => describeLoss('sparseCategoricalCrossentropy', options),
);

/**
 * Mean over the last axis of -(t log p + (1 - t) log(1 - p)): each output is a class that holds or not. After a sigmoid it is
 * computed from the logits; other outputs are clipped to [1e-7, 1 - 1e-7].
 */
export const binaryCrossentropy: LossFunction<CrossentropyOptions> = lossFunction((options) =>
  describeLoss('binaryCrossentropy', options),
);

/** binaryCrossentropy times (1 - q)^gamma, q being the probability given to what is true (Lin et al., 2017). */
export const binaryFocalCrossentropy: LossFunction<BinaryFocalOptions> = lossFunction((options = {}) => {
  const checks = new OptionChecks('binaryFocalCrossentropy');
  checks.keys(options, ['fromLogits', 'labelSmoothing', 'gamma', 'alpha', 'applyClassBalancing']);
  const { applyClassBalancing = false, alpha = 0.25, ...rest } = options;
  const balances = checks.boolean('applyClassBalancing', applyClassBalancing);
  const balanced = describeLoss('binaryFocalCrossentropy', { ...rest, alpha });
  return balances ? balanced : describeLoss('binaryFocalCrossentropy', rest);
});

/** -sum alpha (1 - p)^gamma t log p over the last axis, t being one-hot (Lin et al., 2017). */
export const categoricalFocalCrossentropy: LossFunction<FocalOptions> = lossFunction((options) =>
  describeLoss('categoricalFocalCrossentropy', options),
);
