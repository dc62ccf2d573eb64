import type { Contract } from './contract.js';
import { channelCount, checkVectors } from './scaling.js';

/** Attributes of `batchNormalization`. */
export interface BatchNormalizationAttributes {
  /** What is added to the variance, above 0. */
  epsilon: number;
  /** What a moving statistic keeps of itself in a step, in [0, 1]. */
  momentum: number;
  /** Whether training uses the moving statistics too, and leaves them as they are. Default false. It precedes `always`. */
  frozen?: boolean;
  /**
   * Whether evaluation and prediction use the statistics of their batches too. The moving ones stay as they are there.
   * Default false.
   */
  always?: boolean;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, by channel, the last axis (Ioffe, Szegedy: Batch Normalization, 2015).
 * All parameters are vectors of a number for each channel. gamma and beta may be missing.
 *
 * In training, and where gradients are computed, mean and variance are those of the batch over all axes but the last. The variance is
 * divided by the number of values, not by one less. The moving statistics then become
 * moving * momentum + the batch's * (1 - momentum), node by node where several share them. Elsewhere the moving statistics are used.
 * No gradient of them is computed.
 */
export const batchNormalization: Contract<
  BatchNormalizationAttributes,
  'gamma' | 'beta' | 'moving_mean' | 'moving_variance'
> = {
  inputs: 'one',
  attributes: { epsilon: 'required', momentum: 'required', frozen: 'optional', always: 'optional' },
  parameters: {
    gamma: 'optional',
    beta: 'optional',
    moving_mean: 'required',
    moving_variance: 'required',
  },
  outputShapes(query) {
    const [input] = query.inputs;
    checkVectors(query, channelCount(query, input));
    return [input];
  },
};
