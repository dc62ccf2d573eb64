import { OptionChecks } from '../options.js';
import type { RandomGenerator } from '../random/index.js';
import { RandomInitializer, type SeedOptions } from './base-random-initializer.js';

/** Options of {@link RandomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** The lower bound. Default -0.05. */
  minval?: number;
  /** The upper bound. Default 0.05. */
  maxval?: number;
}

/** Draws uniformly from [minval, maxval). */
export class RandomUniform extends RandomInitializer {
  readonly className = 'RandomUniform';
  readonly minval: number;
  readonly maxval: number;

  constructor(options: RandomUniformOptions = {}) {
    const checks = new OptionChecks('randomUniform');
    checks.keys(options, ['minval', 'maxval', 'seed']);
    super(checks, options.seed);
    this.minval = checks.number('minval', options.minval ?? -0.05, () => true, 'a finite number');
    this.maxval = checks.number(
      'maxval',
      options.maxval ?? 0.05,
      (value) => value >= this.minval,
      `a finite number from minval ${this.minval} up`,
    );
  }

  protected distribution(): (random: RandomGenerator) => number {
    return (random) => this.minval + (this.maxval - this.minval) * random.uniform();
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}
