import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';
import { RandomInitializer } from './base-random-initializer.js';
import { SEED_SCHEMA, type SeedOptions } from './base-seeded-initializer.js';
import { fans } from './fans.js';

/** The standard deviation of a standard normal distribution that is truncated at -2 and 2. */
const TRUNCATED_STDDEV = 0.87962566103423978;

export interface Scaling {
  /** The factor of the variance. */
  scale: number;
  /** What the variance is divided by: the inputs of a unit, its outputs, or their mean. */
  mode: 'fanIn' | 'fanOut' | 'fanAvg';
  distribution: 'uniform' | 'truncatedNormal' | 'untruncatedNormal';
}

/**
 * Draws values of mean 0 and variance scale / n, which keep the size of signals from layer to layer. Uniform
 * values lie within sqrt(3 * scale / n). Truncated normal values are scaled up to have the same variance.
 */
export abstract class BaseVarianceScaling extends RandomInitializer {
  readonly #scaling: Scaling;

  constructor(subject: string, options: SeedOptions, scaling: Scaling) {
    super(subject, options, SEED_SCHEMA);
    this.#scaling = scaling;
  }

  protected sampler(shape: Shape): (random: RandomGenerator) => number {
    return scaledSampler(this.#scaling, shape);
  }
}

/** Returns a function that draws one value of a weight of this shape. */
export function scaledSampler(scaling: Scaling, shape: Shape): (random: RandomGenerator) => number {
  const { scale, mode, distribution } = scaling;
  const { fanIn, fanOut } = fans(shape);
  const n = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
  const variance = scale / Math.max(1, n);
  if (distribution === 'uniform') {
    const limit = Math.sqrt(3 * variance);
    return (random) => limit * (2 * random.uniform() - 1);
  }
  const stddev = Math.sqrt(variance);
  if (distribution === 'untruncatedNormal') return (random) => stddev * random.normal();
  return (random) => (stddev / TRUNCATED_STDDEV) * random.truncatedNormal();
}
