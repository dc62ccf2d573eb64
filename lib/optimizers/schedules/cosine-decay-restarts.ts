import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

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

/**
 * Decays the rate by half a cosine, and restarts: Loshchilov and Hutter, "SGDR: stochastic gradient descent
 * with warm restarts" (ICLR 2017). In period i, of which the share x is over:
 *
 *     initialLearningRate ((1 - alpha) mMul^i (1 + cos(pi x)) / 2 + alpha)
 */
export class CosineDecayRestarts extends LearningRateSchedule {
  readonly className = 'CosineDecayRestarts';
  readonly #description: ScheduleDescription;

  constructor(options: CosineDecayRestartsOptions) {
    super();
    const names = ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha'] as const;
    const read = new ScheduleOptions('cosineDecayRestarts', options, names);
    this.#description = {
      kind: 'cosineDecayRestarts',
      initialLearningRate: read.number('initialLearningRate'),
      firstDecaySteps: read.steps('firstDecaySteps'),
      tMul: read.number('tMul', 2, 1),
      mMul: read.number('mMul', 1),
      alpha: read.number('alpha', 0),
    };
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}
