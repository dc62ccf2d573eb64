import type { RandomGenerator } from '../random/index.js';
import { BaseNormal, type NormalOptions } from './base-normal.js';

/** Normal with `mean` and `stddev`, values beyond two standard deviations drawn again (which leaves 0.8796 of stddev). */
export class TruncatedNormal extends BaseNormal {
  readonly className = 'TruncatedNormal';

  constructor(options: NormalOptions = {}) {
    super('truncatedNormal', options);
  }

  protected distribution(): (random: RandomGenerator) => number {
    return (random) => this.mean + this.stddev * random.truncatedNormal();
  }
}
