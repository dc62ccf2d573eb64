import { OptionChecks } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/**
 * Draws from a truncated normal distribution of variance 2 / (fanIn + fanOut): Glorot and Bengio (AISTATS
 * 2010).
 */
export class GlorotNormal extends BaseVarianceScaling {
  readonly className = 'GlorotNormal';

  constructor(options: SeedOptions = {}) {
    const checks = new OptionChecks('glorotNormal');
    checks.keys(options, ['seed']);
    super(checks, { scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' }, options.seed);
  }
}
