import { sizeOf, showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkVectors } from './scaling.js';

/** Attributes of `layerNormalization`. */
export interface LayerNormalizationAttributes {
  /** Added to the variance; above 0. */
  epsilon: number;
  /** How many of the last axes to normalize over; at least 1. */
  axes: number;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over the last axes of each
 * sample, in training and elsewhere (Ba, Kiros, Hinton: Layer Normalization, 2016). gamma and beta are
 * vectors with a number per element of these axes; each may be missing.
 */
export const layerNormalization: Contract<LayerNormalizationAttributes, 'gamma' | 'beta'> = {
  inputs: 'one',
  attributes: { epsilon: 'required', axes: 'required' },
  parameters: { gamma: 'optional', beta: 'optional' },
  outputShapes(query) {
    const [input] = query.inputs;
    const { axes } = query.attributes;
    if (axes > input.length)
      query.fail('SHAPE_MISMATCH', `its input ${showShape(input)} has no ${axes} axes.`);
    checkVectors(query, sizeOf(input.slice(-axes)));
    return [input];
  },
};
