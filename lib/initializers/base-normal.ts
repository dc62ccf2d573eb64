import { finite, fromZero } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import { RandomInitializer } from './base-random-initializer.js';
import { SEED_SCHEMA, type SeedOptions } from './base-seeded-initializer.js';

/** Options of {@link RandomNormal} and {@link TruncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** The mean. Default 0. */
  mean?: number;
  /** The standard deviation. Default 0.05. */
  stddev?: number;
}

const NORMAL_SCHEMA = {
  mean: optional(finite, 0),
  stddev: optional(fromZero, 0.05),
  ...SEED_SCHEMA,
} satisfies SchemaOf<NormalOptions>;

export interface BaseNormal extends FieldsOf<typeof NORMAL_SCHEMA> {}

/** The options of normal distributions. */
export abstract class BaseNormal extends RandomInitializer {
  constructor(subject: string, options: NormalOptions) {
    super(subject, options, NORMAL_SCHEMA);
  }
}
