import type { Contract } from './contract.js';
import { channelCount, checkVectors } from './scaling.js';

/** Attributes of `batchNormalization`. */
export interface BatchNormalizationAttributes {
  /** Added to the variance; above 0. */
  epsilon: number;
  /** Momentum of the moving statistics, in [0, 1]. */
  momentum: number;
  /**
   * Whether training uses the moving statistics too and doesn't update them. Default false. Takes precedence
   * over `always`.
   */
  frozen?: boolean;
  /**
   * Whether evaluation and prediction use the statistics of their batches too. They don't update the moving
   * ones. Default false.
   */
  always?: boolean;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel, the last axis (Ioffe, Szegedy:
 * Batch Normalization, 2015). Each parameter is a vector with one number per channel. gamma and beta may be
 * missing.
 *
 * In training, and when gradients are computed, mean and variance are those of the batch over all axes but
 * the last. The variance is divided by the number of values, not by one less. The moving statistics then
 * become moving * momentum + batch * (1 - momentum). Nodes that share them update them one after another.
 * Otherwise the op uses the moving statistics. They have no gradient.
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
