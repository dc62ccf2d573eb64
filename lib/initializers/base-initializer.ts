import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';

/** Makes the initial values of a weight. */
export abstract class Initializer {
  /** Keras's name of the class, such as "GlorotUniform". Saved models use it. */
  abstract readonly className: string;

  /** Returns the values for a weight of this shape, row-major. Draws random numbers from `random`. */
  abstract build(shape: Shape, random: RandomGenerator): Float32Array;

  /** The options that make this initializer again, as plain data. */
  getConfig(): Record<string, unknown> {
    return {};
  }
}
