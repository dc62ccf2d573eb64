import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link PolynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The step from which the rate is endLearningRate. */
  decaySteps: number;
  /** Default 0.0001. */
  endLearningRate?: number;
  /** Default 1: a straight line. */
  power?: number;
  /** Whether decaySteps are doubled, tripled and so on once they are over, so that the rate rises again. Default false. */
  cycle?: boolean;
}

/** From initialLearningRate to endLearningRate by (1 - step / decaySteps)^power. */
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
