import { finite } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { RandomGenerator } from '../random/index.js';
import { RandomInitializer } from './base-random-initializer.js';
import { SEED_SCHEMA, type SeedOptions } from './base-seeded-initializer.js';

/** Options of {@link RandomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** The lower bound. Default -0.05. */
  minval?: number;
  /** The upper bound. Default 0.05. */
  maxval?: number;
}

const RANDOM_UNIFORM_SCHEMA = {
  minval: optional(finite, -0.05),
  maxval: optional(finite, 0.05),
  ...SEED_SCHEMA,
} satisfies SchemaOf<RandomUniformOptions>;

export interface RandomUniform extends FieldsOf<typeof RANDOM_UNIFORM_SCHEMA> {}

/** Draws uniformly from [minval, maxval). */
export class RandomUniform extends RandomInitializer {
  readonly className = 'RandomUniform';

  constructor(options: RandomUniformOptions = {}) {
    super('randomUniform', options, RANDOM_UNIFORM_SCHEMA);
    if (this.maxval < this.minval) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `maxval is ${this.maxval}; it must be a finite number from minval ${this.minval} up.`,
      );
    }
  }

  protected sampler(): (random: RandomGenerator) => number {
    return (random) => this.minval + (this.maxval - this.minval) * random.uniform();
  }
}
