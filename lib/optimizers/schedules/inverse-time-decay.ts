import type { FieldsOf } from '../../option-schema.js';
import { FACTOR_DECAY_SCHEMA, LearningRateSchedule, type ScheduleSchema } from './base-schedule.js';

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

export interface InverseTimeDecay extends FieldsOf<typeof FACTOR_DECAY_SCHEMA> {}

/** Decays the rate as initialLearningRate / (1 + decayRate * step / decaySteps). */
export class InverseTimeDecay extends LearningRateSchedule {
  readonly className = 'InverseTimeDecay';

  constructor(options: InverseTimeDecayOptions) {
    super(
      'inverseTimeDecay',
      options,
      FACTOR_DECAY_SCHEMA satisfies ScheduleSchema<'inverseTimeDecay', InverseTimeDecayOptions>,
    );
  }
}
