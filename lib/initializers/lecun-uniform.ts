import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws uniformly from [-limit, limit) with limit = sqrt(3 / fanIn): LeCun et al., "Efficient BackProp"
 * (1998).
 */
export class LeCunUniform extends BaseVarianceScaling {
  readonly className = 'LeCunUniform';

  constructor(options: SeedOptions = {}) {
    super('leCunUniform', options, { scale: 1, mode: 'fanIn', distribution: 'uniform' });
  }
}
