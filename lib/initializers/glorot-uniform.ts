import { OptionChecks } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws uniformly from [-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)): Glorot and Bengio (AISTATS
 * 2010). The default for kernels.
 */
export class GlorotUniform extends BaseVarianceScaling {
  readonly className = 'GlorotUniform';

  constructor(options: SeedOptions = {}) {
    const checks = new OptionChecks('glorotUniform');
    checks.keys(options, ['seed']);
    super(checks, { scale: 1, mode: 'fanAvg', distribution: 'uniform' }, options.seed);
  }
}
