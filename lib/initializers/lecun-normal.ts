import { OptionChecks } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/** Truncated normal of variance 1 / fanIn: LeCun et al., Efficient BackProp, 1998; goes with selu. */
export class LeCunNormal extends BaseVarianceScaling {
  readonly className = 'LeCunNormal';

  constructor(options: SeedOptions = {}) {
    const checks = new OptionChecks('leCunNormal');
    checks.keys(options, ['seed']);
    super(checks, { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' }, options.seed);
  }
}
