import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link InverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The steps after which the divisor has grown by `decayRate`. */
  decaySteps: number;
  /** The growth of the divisor in decaySteps. */
  decayRate: number;
  /** Whether the rate decays in jumps, at the end of each decaySteps. Default false. */
  staircase?: boolean;
}

/** Decays the rate as initialLearningRate / (1 + decayRate * step / decaySteps). */
export class InverseTimeDecay extends LearningRateSchedule {
  readonly className = 'InverseTimeDecay';
  readonly #description: ScheduleDescription;

  constructor(options: InverseTimeDecayOptions) {
    super();
    const names = ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'] as const;
    const read = new ScheduleOptions('inverseTimeDecay', options, names);
    this.#description = {
      kind: 'inverseTimeDecay',
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
