import { OptionChecks, show } from '../options.js';
import type { SeedOptions } from './base-random-initializer.js';
import { BaseVarianceScaling, type Scaling } from './base-variance-scaling.js';

/** Options of {@link VarianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** The factor of the variance, above 0. Default 1. */
  scale?: number;
  /**
   * What the variance is divided by: the inputs of a unit, its outputs, or their mean. Default 'fanIn'.
   * Keras's spelling ('fan_in') works too.
   */
  mode?: Scaling['mode'] | 'fan_in' | 'fan_out' | 'fan_avg';
  /**
   * The distribution. 'normal' means 'truncatedNormal', the default. Keras's spelling ('truncated_normal')
   * works too.
   */
  distribution?: Scaling['distribution'] | 'normal' | 'truncated_normal' | 'untruncated_normal';
}

const MODES: Readonly<Record<string, Scaling['mode']>> = {
  fanIn: 'fanIn',
  fan_in: 'fanIn',
  fanOut: 'fanOut',
  fan_out: 'fanOut',
  fanAvg: 'fanAvg',
  fan_avg: 'fanAvg',
};

const DISTRIBUTIONS: Readonly<Record<string, Scaling['distribution']>> = {
  uniform: 'uniform',
  normal: 'truncatedNormal',
  truncatedNormal: 'truncatedNormal',
  truncated_normal: 'truncatedNormal',
  untruncatedNormal: 'untruncatedNormal',
  untruncated_normal: 'untruncatedNormal',
};

/**
 * Draws values of variance scale / n, where n is fanIn, fanOut or their mean. The other scaling initializers
 * are special cases.
 */
export class VarianceScaling extends BaseVarianceScaling {
  readonly className = 'VarianceScaling';
  readonly #scaling: Scaling;

  constructor(options: VarianceScalingOptions = {}) {
    const checks = new OptionChecks('varianceScaling');
    checks.keys(options, ['scale', 'mode', 'distribution', 'seed']);
    const scaling: Scaling = {
      scale: checks.number('scale', options.scale ?? 1, (value) => value > 0, 'a finite number above 0'),
      mode: choose(checks, 'mode', options.mode ?? 'fanIn', MODES),
      distribution: choose(checks, 'distribution', options.distribution ?? 'truncatedNormal', DISTRIBUTIONS),
    };
    super(checks, scaling, options.seed);
    this.#scaling = scaling;
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#scaling, ...super.getConfig() };
  }
}

function choose<T>(
  checks: OptionChecks,
  name: string,
  value: string,
  choices: Readonly<Record<string, T>>,
): T {
  if (!Object.hasOwn(choices, value)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it can be ${Object.keys(choices).join(', ')}.`,
    );
  }
  return choices[value];
}
