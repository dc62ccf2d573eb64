import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws from a truncated normal distribution of variance 2 / (fanIn + fanOut): Glorot and Bengio (AISTATS
 * 2010).
 */
export class GlorotNormal extends BaseVarianceScaling {
  readonly className = 'GlorotNormal';

  constructor(options: SeedOptions = {}) {
    super('glorotNormal', options, { scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' });
  }
}
