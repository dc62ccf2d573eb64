import { wholeFromZero } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import { RandomGenerator } from '../random/index.js';
import { Initializer } from './base-initializer.js';

/** Options of every random initializer. */
export interface SeedOptions {
  /** A whole number in [0, 2^53). With it, the values are the same each time, whatever setSeed says. */
  seed?: number;
}

export const SEED_SCHEMA = { seed: optional(wholeFromZero) } satisfies SchemaOf<SeedOptions>;

export interface SeededInitializer extends FieldsOf<typeof SEED_SCHEMA> {}

/** An initializer whose random numbers may have a seed of their own. */
export abstract class SeededInitializer extends Initializer {
  /** The generator to draw from: one of the initializer's own seed, or else the given one. */
  protected source(random: RandomGenerator): RandomGenerator {
    return this.seed === undefined ? random : new RandomGenerator(this.seed);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), seed: this.seed ?? null };
  }
}
