import { OptionChecks } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling } from './base-variance-scaling.js';

/** Uniform within sqrt(6 / fanIn): He et al., ICCV 2015, for layers with relu. */
export class HeUniform extends BaseVarianceScaling {
  readonly className = 'HeUniform';

  constructor(options: SeedOptions = {}) {
    const checks = new OptionChecks('heUniform');
    checks.keys(options, ['seed']);
    super(checks, { scale: 2, mode: 'fanIn', distribution: 'uniform' }, options.seed);
  }
}
