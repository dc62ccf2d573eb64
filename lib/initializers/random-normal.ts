import type { RandomGenerator } from '../random/index.js';
import { BaseNormal, type NormalOptions } from './base-normal.js';

/** Draws from a normal distribution with `mean` and `stddev`. */
export class RandomNormal extends BaseNormal {
  readonly className = 'RandomNormal';

  constructor(options: NormalOptions = {}) {
    super('randomNormal', options);
  }

  protected sampler(): (random: RandomGenerator) => number {
    return (random) => this.mean + this.stddev * random.normal();
  }
}
