import type { Contract } from './contract.js';
import { channelCount, checkVectors } from './scaling.js';

/** Attributes of `groupNormalization`. */
export interface GroupNormalizationAttributes {
  /** What is added to the variance, above 0. */
  epsilon: number;
  /** How many equal runs of channels there are. It divides the number of channels. */
  groups: number;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over all axes of each sample and each group of
 * channels, in training and elsewhere (Wu, He: Group Normalization, 2018). gamma and beta are vectors of a number for each channel; each
 * may be missing.
 */
export const groupNormalization: Contract<GroupNormalizationAttributes, 'gamma' | 'beta'> = {
  inputs: 'one',
  attributes: { epsilon: 'required', groups: 'required' },
  parameters: { gamma: 'optional', beta: 'optional' },
  outputShapes(query) {
    const [input] = query.inputs;
    const { groups } = query.attributes;
    const channels = channelCount(query, input);
    checkVectors(query, channels);
    if (channels % groups !== 0)
      query.fail(
        'SHAPE_MISMATCH',
        `${channels} channels can't be cut into ${groups} groups of the same size.`,
      );
    return [input];
  },
};
