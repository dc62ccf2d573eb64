import { fromZero, number } from '../../option-kinds.js';
import { type FieldsOf, optional, required } from '../../option-schema.js';
import { fromOne, LearningRateSchedule, type ScheduleSchema, steps } from './base-schedule.js';

/** Options of {@link OneCycle}. */
export interface OneCycleOptions {
  /** The peak rate. */
  maxLearningRate: number;
  /** The length of the cycle in steps: those of all epochs. */
  totalSteps: number;
  /** The share of steps in which the rate rises. Default 0.3. */
  pctStart?: number;
  /** The peak rate divided by the initial rate. Default 25. */
  divFactor?: number;
  /** The initial rate divided by the final rate. Default 10000. */
  finalDivFactor?: number;
}

const ONE_CYCLE_SCHEMA = {
  maxLearningRate: required(fromZero),
  totalSteps: required(steps),
  pctStart: optional(
    number((share) => share >= 0 && share <= 1, 'a share, from 0 to 1'),
    0.3,
  ),
  divFactor: optional(fromOne, 25),
  finalDivFactor: optional(fromOne, 1e4),
} satisfies ScheduleSchema<'oneCycle', OneCycleOptions>;

export interface OneCycle extends FieldsOf<typeof ONE_CYCLE_SCHEMA> {}

/**
 * Raises the rate to its peak and lowers it again, each by half a cosine: Smith and Topin,
 * "Super-convergence" (2017), with PyTorch's options and defaults. After totalSteps the rate stays at its
 * final value.
 */
export class OneCycle extends LearningRateSchedule {
  readonly className = 'OneCycle';

  constructor(options: OneCycleOptions) {
    super('oneCycle', options, ONE_CYCLE_SCHEMA);
  }
}
