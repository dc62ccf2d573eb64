import type { FieldsOf } from '../../option-schema.js';
import { FACTOR_DECAY_SCHEMA, LearningRateSchedule, type ScheduleSchema } from './base-schedule.js';

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

export interface ExponentialDecay extends FieldsOf<typeof FACTOR_DECAY_SCHEMA> {}

/** Decays the rate exponentially: initialLearningRate * decayRate^(step / decaySteps). */
export class ExponentialDecay extends LearningRateSchedule {
  readonly className = 'ExponentialDecay';

  constructor(options: ExponentialDecayOptions) {
    super(
      'exponentialDecay',
      options,
      FACTOR_DECAY_SCHEMA satisfies ScheduleSchema<'exponentialDecay', ExponentialDecayOptions>,
    );
  }
}
