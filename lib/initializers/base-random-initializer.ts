import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';
import { sizeOf } from '../tensor/shapes.js';
import { SeededInitializer } from './base-seeded-initializer.js';

/** An initializer that draws each value independently. */
export abstract class RandomInitializer extends SeededInitializer {
  build(shape: Shape, random: RandomGenerator): Float32Array {
    const source = this.source(random);
    const draw = this.sampler(shape);
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = draw(source);
    return values;
  }

  /** Returns a function that draws one value of a weight of this shape. */
  protected abstract sampler(shape: Shape): (random: RandomGenerator) => number;
}
