import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link CosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate at the start of the first period. */
  initialLearningRate: number;
  /** Steps of the first period. */
  firstDecaySteps: number;
  /** How many times as long each period is as the one before; at least 1. Default 2. */
  tMul?: number;
  /** How many times as high each starts. Default 1. */
  mMul?: number;
  /** The least rate, as a share of initialLearningRate. Default 0. */
  alpha?: number;
}

/** Half a cosine, again and again: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (ICLR 2017). */
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
