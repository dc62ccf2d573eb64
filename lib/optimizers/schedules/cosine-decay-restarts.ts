import { fromZero } from '../../option-kinds.js';
import { type FieldsOf, optional, required } from '../../option-schema.js';
import { fromOne, LearningRateSchedule, type ScheduleSchema, steps } from './base-schedule.js';

/** Options of {@link CosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate at the start of the first period. */
  initialLearningRate: number;
  /** The length of the first period in steps. */
  firstDecaySteps: number;
  /** The length of each period, as a multiple of the previous one; at least 1. Default 2. */
  tMul?: number;
  /** The rate at the start of each period, as a multiple of the previous one. Default 1. */
  mMul?: number;
  /** The lowest rate, as a share of initialLearningRate. Default 0. */
  alpha?: number;
}

const COSINE_DECAY_RESTARTS_SCHEMA = {
  initialLearningRate: required(fromZero),
  firstDecaySteps: required(steps),
  tMul: optional(fromOne, 2),
  mMul: optional(fromZero, 1),
  alpha: optional(fromZero, 0),
} satisfies ScheduleSchema<'cosineDecayRestarts', CosineDecayRestartsOptions>;

export interface CosineDecayRestarts extends FieldsOf<typeof COSINE_DECAY_RESTARTS_SCHEMA> {}

/**
 * Decays the rate by half a cosine, and restarts: Loshchilov and Hutter, "SGDR: stochastic gradient descent
 * with warm restarts" (ICLR 2017). In period i, of which the share x is over:
 *
 *     initialLearningRate ((1 - alpha) mMul^i (1 + cos(pi x)) / 2 + alpha)
 */
export class CosineDecayRestarts extends LearningRateSchedule {
  readonly className = 'CosineDecayRestarts';

  constructor(options: CosineDecayRestartsOptions) {
    super('cosineDecayRestarts', options, COSINE_DECAY_RESTARTS_SCHEMA);
  }
}
