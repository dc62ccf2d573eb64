import { fromZero } from '../../option-kinds.js';
import { type FieldsOf, optional, required } from '../../option-schema.js';
import { LearningRateSchedule, type ScheduleSchema, steps } from './base-schedule.js';

/** Options of {@link CosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at step 0, from which the warm-up or else the decay starts. */
  initialLearningRate: number;
  /** The steps of the decay, without those of the warm-up. */
  decaySteps: number;
  /** The lowest rate, as a share of the rate at which the decay starts. Default 0. */
  alpha?: number;
  /** The rate at the end of a linear warm-up, from which the decay starts. Default: no warm-up. */
  warmupTarget?: number | null;
  /** Steps of the warm-up. Default 0. */
  warmupSteps?: number;
}

const COSINE_DECAY_SCHEMA = {
  initialLearningRate: required(fromZero),
  decaySteps: required(steps),
  alpha: optional(fromZero, 0),
  warmupTarget: optional(fromZero),
  warmupSteps: optional(fromZero, 0),
} satisfies ScheduleSchema<'cosineDecay', CosineDecayOptions>;

export interface CosineDecay extends FieldsOf<typeof COSINE_DECAY_SCHEMA> {}

/**
 * Decays the rate by half a cosine, after an optional linear warm-up: Loshchilov and Hutter, "SGDR" (ICLR
 * 2017). With a start s and a share x of decaySteps: s ((1 - alpha) (1 + cos(pi x)) / 2 + alpha).
 */
export class CosineDecay extends LearningRateSchedule {
  readonly className = 'CosineDecay';

  constructor(options: CosineDecayOptions) {
    super('cosineDecay', options, COSINE_DECAY_SCHEMA);
    if ((this.warmupTarget !== undefined) === this.warmupSteps > 0) return;
    this.checks.fail('INVALID_ARGUMENT', 'a warm-up takes both warmupTarget and warmupSteps above 0.');
  }
}
