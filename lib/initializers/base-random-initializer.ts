import type { Shape } from '../program/description.js';
import { SlicedWork } from '../program/sliced-work.js';
import type { RandomGenerator } from '../random/index.js';
import { sizeOf } from '../tensor/shapes.js';
import { SeededInitializer } from './base-seeded-initializer.js';

/** Values of a slice: a few milliseconds of work. */
const SLICE_VALUES = 2 ** 14;

/** An initializer that draws each value independently. */
export abstract class RandomInitializer extends SeededInitializer {
  build(shape: Shape, random: RandomGenerator): Float32Array {
    return new SlicedWork(this.buildInSlices(shape, random)).wait();
  }

  /** @internal */
  override *buildInSlices(shape: Shape, random: RandomGenerator): Generator<void, Float32Array> {
    const source = this.source(random);
    const draw = this.sampler(shape);
    const values = new Float32Array(sizeOf(shape));
    for (let start = 0; start < values.length; start += SLICE_VALUES) {
      const end = Math.min(start + SLICE_VALUES, values.length);
      for (let i = start; i < end; i++) values[i] = draw(source);
      if (end < values.length) yield;
    }
    return values;
  }

  /** Returns a function that draws one value of a weight of this shape. */
  protected abstract sampler(shape: Shape): (random: RandomGenerator) => number;
}
