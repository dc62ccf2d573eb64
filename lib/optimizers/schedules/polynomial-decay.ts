import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link PolynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The step at which the rate reaches endLearningRate. */
  decaySteps: number;
  /** The final rate. Default 0.0001. */
  endLearningRate?: number;
  /** The exponent. Default 1, a linear decay. */
  power?: number;
  /**
   * Whether decaySteps become their next multiple when they are over, so that the rate rises again. Default
   * false.
   */
  cycle?: boolean;
}

/**
 * Decays the rate from initialLearningRate to endLearningRate: (initialLearningRate - endLearningRate) * (1 -
 * step / decaySteps)^power + endLearningRate.
 */
export class PolynomialDecay extends LearningRateSchedule {
  readonly className = 'PolynomialDecay';
  readonly #description: ScheduleDescription;

  constructor(options: PolynomialDecayOptions) {
    super();
    const names = ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle'] as const;
    const read = new ScheduleOptions('polynomialDecay', options, names);
    this.#description = {
      kind: 'polynomialDecay',
      initialLearningRate: read.number('initialLearningRate'),
      decaySteps: read.steps('decaySteps'),
      endLearningRate: read.number('endLearningRate', 1e-4),
      power: read.number('power', 1),
      cycle: read.boolean('cycle'),
    };
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}
