import type { Contract } from './contract.js';
import { channelCount, checkVectors } from './scaling.js';

/** Attributes of `groupNormalization`. */
export interface GroupNormalizationAttributes {
  /** Added to the variance; above 0. */
  epsilon: number;
  /** Number of groups of adjacent channels. Must divide the number of channels. */
  groups: number;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over all positions of a
 * sample and a group of channels, in training and elsewhere (Wu, He: Group Normalization, 2018). gamma and
 * beta are vectors with one number per channel; each may be missing.
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
        `${channels} channels can't be divided into ${groups} groups of equal size; give groups that divide them.`,
      );
    return [input];
  },
};
