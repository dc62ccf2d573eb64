import { broadcastable } from './broadcastable.js';
import type { Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `dropout`. */
export interface DropoutAttributes extends RandomSource {
  /** Fraction of the elements to drop, in [0, 1). */
  rate: number;
  /**
   * A shape with the input's number of axes, each of the input's size or 1. Elements along an axis of size 1
   * are dropped or kept together. Default: the input's shape.
   */
  noiseShape?: Shape;
  /** Whether to keep mean 0 and variance 1, which is alpha dropout. Default false. */
  alpha?: boolean;
}

/**
 * In training, dropped elements become 0, and the others are multiplied by 1 / (1 - rate). Otherwise the
 * identity. Element e is dropped if random word e is less than floor(rate * 2^32). e is its index in
 * [n, ...noiseShape], with samples counted from the start of the batch.
 *
 * With `alpha`, dropped elements become l = -1.7580993408473766 instead. Then all elements are multiplied by
 * a = ((1 - rate) * (1 + rate * l^2))^-0.5, and -a * l * rate is added (Klambauer et al.: Self-normalizing
 * neural networks, 2017).
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
