import { broadcastable } from './broadcastable.js';
import type { Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `dropout`. */
export interface DropoutAttributes extends RandomSource {
  /** The share of elements that are dropped, in [0, 1). */
  rate: number;
  /**
   * The input's axes, each of the input's size or 1: all along an axis of size 1 are dropped or kept together. Default: the
   * input's shape.
   */
  noiseShape?: Shape;
  /** Whether mean 0 and variance 1 stay as they are, which is alpha dropout. Default false. */
  alpha?: boolean;
}

/**
 * In training, elements are dropped: they become 0, and the others are multiplied by 1 / (1 - rate). Elsewhere the identity.
 * Element e is dropped where random word e is less than floor(rate * 2^32). e is its index in [n, ...noiseShape], samples
 * counted from the batch's start.
 *
 * With `alpha`, dropped elements become l = -1.7580993408473766 instead, and then all are multiplied by
 * a = ((1 - rate) * (1 + rate * l^2))^-0.5 and -a * l * rate is added (Klambauer et al.: Self-normalizing neural networks, 2017).
 */
export const dropout: Contract<DropoutAttributes> = {
  inputs: 'one',
  attributes: { rate: 'required', noiseShape: 'optional', alpha: 'optional', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes(query) {
    const [input] = query.inputs;
    const { noiseShape } = query.attributes;
    if (noiseShape !== undefined) broadcastable(query, 'noiseShape', noiseShape, input);
    return [input];
  },
};
