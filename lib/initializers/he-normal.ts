import { OptionChecks } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws from a truncated normal distribution of variance 2 / fanIn, for layers with relu: He et al. (ICCV
 * 2015).
 */
export class HeNormal extends BaseVarianceScaling {
  readonly className = 'HeNormal';

  constructor(options: SeedOptions = {}) {
    const checks = new OptionChecks('heNormal');
    checks.keys(options, ['seed']);
    super(checks, { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' }, options.seed);
  }
}
