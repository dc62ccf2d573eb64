import type { SeedOptions } from './base-seeded-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws uniformly from [-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)): Glorot and Bengio (AISTATS
 * 2010). The default for kernels.
 */
export class GlorotUniform extends BaseVarianceScaling {
  readonly className = 'GlorotUniform';

  constructor(options: SeedOptions = {}) {
    super('glorotUniform', options, { scale: 1, mode: 'fanAvg', distribution: 'uniform' });
  }
}
