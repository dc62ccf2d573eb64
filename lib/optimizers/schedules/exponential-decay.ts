import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link ExponentialDecay}. */
export interface ExponentialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** Steps in which the rate decays once. */
  decaySteps: number;
  /** What the rate is multiplied by in decaySteps. */
  decayRate: number;
  /** Whether it decays at once at the end of each decaySteps instead of bit by bit. Default false. */
  staircase?: boolean;
}

/** initialLearningRate * decayRate^(step / decaySteps). */
export class ExponentialDecay extends LearningRateSchedule {
  readonly className = 'ExponentialDecay';
  readonly #description: ScheduleDescription;

  constructor(options: ExponentialDecayOptions) {
    super();
    const names = ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'] as const;
    const read = new ScheduleOptions('exponentialDecay', options, names);
    this.#description = {
      kind: 'exponentialDecay',
      initialLearningRate: read.number('initialLearningRate'),
      decaySteps: read.steps('decaySteps'),
      decayRate: read.number('decayRate'),
      staircase: read.boolean('staircase'),
    };
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}
