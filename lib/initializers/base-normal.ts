import { OptionChecks } from '../options.js';
import { RandomInitializer, type SeedOptions } from './base-random-initializer.js';

/** Options of {@link RandomNormal} and {@link TruncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** The mean. Default 0. */
  mean?: number;
  /** The standard deviation. Default 0.05. */
  stddev?: number;
}

/** The options of normal distributions. */
export abstract class BaseNormal extends RandomInitializer {
  readonly mean: number;
  readonly stddev: number;

  constructor(subject: string, options: NormalOptions) {
    const checks = new OptionChecks(subject);
    checks.keys(options, ['mean', 'stddev', 'seed']);
    super(checks, options.seed);
    this.mean = checks.number('mean', options.mean ?? 0, () => true, 'a finite number');
    this.stddev = checks.number(
      'stddev',
      options.stddev ?? 0.05,
      (value) => value >= 0,
      'a finite number from 0 up',
    );
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}
