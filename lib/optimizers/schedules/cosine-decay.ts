import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule, ScheduleOptions } from './base-schedule.js';

/** Options of {@link CosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at step 0: where the warm-up starts, or without one the decay. */
  initialLearningRate: number;
  /** Steps of the decay, those of the warm-up not among them. */
  decaySteps: number;
  /** The least rate, as a share of that from which it decays. Default 0. */
  alpha?: number;
  /** The rate to which it rises first, in a straight line; the decay starts from it. Default: no warm-up. */
  warmupTarget?: number | null;
  /** Steps of the warm-up. Default 0. */
  warmupSteps?: number;
}

/** Half a cosine: Loshchilov and Hutter, "SGDR" (ICLR 2017), after a linear warm-up if asked for. */
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
