import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

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

/**
 * Raises the rate to its peak and lowers it again, each by half a cosine: Smith and Topin,
 * "Super-convergence" (2017), with PyTorch's options and defaults. After totalSteps the rate stays at its
 * final value.
 */
export class OneCycle extends LearningRateSchedule {
  readonly className = 'OneCycle';
  readonly #description: ScheduleDescription;

  constructor(options: OneCycleOptions) {
    super();
    const names = ['maxLearningRate', 'totalSteps', 'pctStart', 'divFactor', 'finalDivFactor'] as const;
    const read = new ScheduleOptions('oneCycle', options, names);
    const pctStart = read.number('pctStart', 0.3);
    if (pctStart > 1) read.fail(`pctStart is ${pctStart}; it must be a share, from 0 to 1.`);
    this.#description = {
      kind: 'oneCycle',
      maxLearningRate: read.number('maxLearningRate'),
      totalSteps: read.steps('totalSteps'),
      pctStart,
      divFactor: read.number('divFactor', 25, 1),
      finalDivFactor: read.number('finalDivFactor', 1e4, 1),
    };
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}
