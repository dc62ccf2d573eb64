import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `lrn`. */
export interface LrnAttributes {
  /** How many channels a sum of squares takes; at least 1. */
  size: number;
  /** The factor of the mean square. */
  alpha: number;
  /** The exponent. */
  beta: number;
  /** Added to the mean square, so that the base of the power is above 0. */
  bias: number;
}

/**
 * Local response normalization over the last axis, the channels (Krizhevsky et al.: ImageNet classification
 * with deep convolutional neural networks, 2012), as ONNX defines it:
 * y[c] = x[c] / (bias + alpha / size * s[c])^beta. s[c] is the sum of the squares of channels
 * c - floor((size - 1) / 2) to c + ceil((size - 1) / 2), as far as there are such.
 */
export const lrn: Contract<LrnAttributes> = {
  inputs: 'one',
  attributes: { size: 'required', alpha: 'required', beta: 'required', bias: 'required' },
  parameters: {},
  outputShapes({ inputs: [input], fail }) {
    if (input.length === 0)
      fail('SHAPE_MISMATCH', `lrn needs an input with an axis, not ${showShape(input)}.`);
    return [input];
  },
};
