import { Configured } from '../configured.js';
import type { Schema } from '../option-schema.js';
import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';

/** Makes the initial values of a weight. */
export abstract class Initializer extends Configured {
  /** Keras's name of the class, such as "GlorotUniform". Saved models use it. */
  abstract readonly className: string;

  /**
   * A class of one's own needs no arguments. It then overrides getConfig if it has options.
   * @internal
   */
  constructor(subject = 'initializer', options: object = {}, schema: Schema = {}) {
    super(subject, options, schema);
  }

  /** Returns the values for a weight of this shape, row-major. Draws random numbers from `random`. */
  abstract build(shape: Shape, random: RandomGenerator): Float32Array;

  /**
   * Does the same in slices of a few milliseconds, between which the event loop may run. Default: in one slice.
   * @internal
   */
  // biome-ignore lint/correctness/useYield: one slice needs no end.
  *buildInSlices(shape: Shape, random: RandomGenerator): Generator<void, Float32Array> {
    return this.build(shape, random);
  }
}
