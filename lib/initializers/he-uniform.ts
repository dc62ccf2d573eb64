import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws uniformly from [-limit, limit) with limit = sqrt(6 / fanIn), for layers with relu: He et al. (ICCV
 * 2015).
 */
export class HeUniform extends BaseVarianceScaling {
  readonly className = 'HeUniform';

  constructor(options: SeedOptions = {}) {
    super('heUniform', options, { scale: 2, mode: 'fanIn', distribution: 'uniform' });
  }
}
