import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';

/** Makes a weight's first values. */
export abstract class Initializer {
  /** As Keras names the class: "GlorotUniform". Names it in saved models. */
  abstract readonly className: string;

  /** `shape`'s values, row-major; `random` is the source of what is random in them. */
  abstract build(shape: Shape, random: RandomGenerator): Float32Array;

  /** The options that make this initializer again, as plain data. */
  getConfig(): Record<string, unknown> {
    return {};
  }
}
