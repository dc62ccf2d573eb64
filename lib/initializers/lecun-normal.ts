import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws from a truncated normal distribution of variance 1 / fanIn, for layers with selu: LeCun et al.,
 * "Efficient BackProp" (1998).
 */
export class LeCunNormal extends BaseVarianceScaling {
  readonly className = 'LeCunNormal';

  constructor(options: SeedOptions = {}) {
    super('leCunNormal', options, { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' });
  }
}
