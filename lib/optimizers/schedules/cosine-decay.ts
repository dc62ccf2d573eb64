import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

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

/**
 * Decays the rate by half a cosine, after an optional linear warm-up: Loshchilov and Hutter, "SGDR" (ICLR
 * 2017). With a start s and a share x of decaySteps: s ((1 - alpha) (1 + cos(pi x)) / 2 + alpha).
 */
export class CosineDecay extends LearningRateSchedule {
  readonly className = 'CosineDecay';
  readonly #description: ScheduleDescription;

  constructor(options: CosineDecayOptions) {
    super();
    const names = ['initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps'] as const;
    const read = new ScheduleOptions('cosineDecay', options, names);
    const warms = options.warmupTarget !== undefined && options.warmupTarget !== null;
    const warmupSteps = read.number('warmupSteps', 0);
    this.#description = {
      kind: 'cosineDecay',
      initialLearningRate: read.number('initialLearningRate'),
      decaySteps: read.steps('decaySteps'),
      alpha: read.number('alpha', 0),
      ...(warms && { warmupTarget: read.number('warmupTarget') }),
      warmupSteps: warms ? warmupSteps : 0,
    };
    if (warms === warmupSteps > 0) return;
    read.fail('a warm-up takes both warmupTarget and warmupSteps above 0.');
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}
