import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws from a truncated normal distribution of variance 2 / fanIn, for layers with relu: He et al. (ICCV
 * 2015).
 */
export class HeNormal extends BaseVarianceScaling {
  readonly className = 'HeNormal';

  constructor(options: SeedOptions = {}) {
    super('heNormal', options, { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' });
  }
}
