import type { RandomGenerator } from '../random/index.js';
import { BaseNormal, type NormalOptions } from './base-normal.js';

/**
 * Draws from a normal distribution with `mean` and `stddev`. Values beyond two standard deviations are drawn
 * again, so that the standard deviation of the result is 0.8796 stddev.
 */
export class TruncatedNormal extends BaseNormal {
  readonly className = 'TruncatedNormal';

  constructor(options: NormalOptions = {}) {
    super('truncatedNormal', options);
  }

  protected sampler(): (random: RandomGenerator) => number {
    return (random) => this.mean + this.stddev * random.truncatedNormal();
  }
}
