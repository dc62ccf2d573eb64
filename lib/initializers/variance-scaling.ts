import { aboveZero } from '../option-kinds.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../option-schema.js';
import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';
import { RandomInitializer } from './base-random-initializer.js';
import { SEED_SCHEMA, type SeedOptions } from './base-seeded-initializer.js';
import { type Scaling, scaledSampler } from './base-variance-scaling.js';

/** Options of {@link VarianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** The factor of the variance, above 0. Default 1. */
  scale?: number;
  /**
   * What the variance is divided by: the inputs of a unit, its outputs, or their mean. Default 'fanIn'.
   * Keras's spelling ('fan_in') works too.
   */
  mode?: Scaling['mode'] | 'fan_in' | 'fan_out' | 'fan_avg';
  /**
   * The distribution. 'normal' means 'truncatedNormal', the default. Keras's spelling ('truncated_normal')
   * works too.
   */
  distribution?: Scaling['distribution'] | 'normal' | 'truncated_normal' | 'untruncated_normal';
}

const mode = spelled<NonNullable<VarianceScalingOptions['mode']>, Scaling['mode']>({
  fanIn: 'fanIn',
  fan_in: 'fanIn',
  fanOut: 'fanOut',
  fan_out: 'fanOut',
  fanAvg: 'fanAvg',
  fan_avg: 'fanAvg',
});

const distribution = spelled<NonNullable<VarianceScalingOptions['distribution']>, Scaling['distribution']>({
  uniform: 'uniform',
  normal: 'truncatedNormal',
  truncatedNormal: 'truncatedNormal',
  truncated_normal: 'truncatedNormal',
  untruncatedNormal: 'untruncatedNormal',
  untruncated_normal: 'untruncatedNormal',
});

const VARIANCE_SCALING_SCHEMA = {
  scale: optional(aboveZero, 1),
  mode: optional(mode, 'fanIn'),
  distribution: optional(distribution, 'truncatedNormal'),
  ...SEED_SCHEMA,
} satisfies SchemaOf<VarianceScalingOptions>;

export interface VarianceScaling extends FieldsOf<typeof VARIANCE_SCALING_SCHEMA> {}

/**
 * Draws values of variance scale / n, where n is fanIn, fanOut or their mean. The other scaling initializers
 * are special cases.
 */
export class VarianceScaling extends RandomInitializer {
  readonly className = 'VarianceScaling';

  constructor(options: VarianceScalingOptions = {}) {
    super('varianceScaling', options, VARIANCE_SCALING_SCHEMA);
  }

  protected sampler(shape: Shape): (random: RandomGenerator) => number {
    return scaledSampler(this, shape);
  }
}

/** One of these spellings of a name, kept as `spellings` says. */
function spelled<Given extends string, Kept>(spellings: Readonly<Record<Given, Kept>>): Kind<Given, Kept> {
  return {
    read(checks, name, value) {
      if (typeof value === 'string' && Object.hasOwn(spellings, value)) return spellings[value as Given];
      return checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it can be ${Object.keys(spellings).join(', ')}.`,
      );
    },
  };
}
