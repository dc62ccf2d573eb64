import { flag, fromZero } from '../../option-kinds.js';
import { type FieldsOf, optional, required } from '../../option-schema.js';
import { LearningRateSchedule, type ScheduleSchema, steps } from './base-schedule.js';

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

const POLYNOMIAL_DECAY_SCHEMA = {
  initialLearningRate: required(fromZero),
  decaySteps: required(steps),
  endLearningRate: optional(fromZero, 1e-4),
  power: optional(fromZero, 1),
  cycle: optional(flag, false),
} satisfies ScheduleSchema<'polynomialDecay', PolynomialDecayOptions>;

export interface PolynomialDecay extends FieldsOf<typeof POLYNOMIAL_DECAY_SCHEMA> {}

/**
 * Decays the rate from initialLearningRate to endLearningRate: (initialLearningRate - endLearningRate) * (1 -
 * step / decaySteps)^power + endLearningRate.
 */
export class PolynomialDecay extends LearningRateSchedule {
  readonly className = 'PolynomialDecay';

  constructor(options: PolynomialDecayOptions) {
    super('polynomialDecay', options, POLYNOMIAL_DECAY_SCHEMA);
  }
}
