import type { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import { RandomGenerator } from '../random/index.js';
import { sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Options of every random initializer. */
export interface SeedOptions {
  /** A whole number in [0, 2^53). With it, the values are the same each time, whatever setSeed says. */
  seed?: number;
}

/** An initializer that draws each value independently. */
export abstract class RandomInitializer extends Initializer {
  readonly seed?: number;

  constructor(checks: OptionChecks, seed: number | null | undefined) {
    super();
    if (seed !== undefined && seed !== null) this.seed = checks.whole('seed', seed, 0);
  }

  build(shape: Shape, random: RandomGenerator): Float32Array {
    const source = this.seed === undefined ? random : new RandomGenerator(this.seed);
    const draw = this.distribution(shape);
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = draw(source);
    return values;
  }

  /** Returns a function that draws one value of a weight of this shape. */
  protected abstract distribution(shape: Shape): (random: RandomGenerator) => number;

  override getConfig(): Record<string, unknown> {
    return { seed: this.seed ?? null };
  }
}
