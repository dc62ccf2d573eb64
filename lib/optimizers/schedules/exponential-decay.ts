import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link ExponentialDecay}. */
export interface ExponentialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The steps after which the rate has decayed by `decayRate`. */
  decaySteps: number;
  /** The factor of the rate after decaySteps. */
  decayRate: number;
  /** Whether the rate decays in jumps, at the end of each decaySteps. Default false. */
  staircase?: boolean;
}

/** Decays the rate exponentially: initialLearningRate * decayRate^(step / decaySteps). */
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
