import { Configured } from '../../configured.js';
import { flag, fromZero, number } from '../../option-kinds.js';
import { type Kind, optional, required, type Schema, type SchemaOf } from '../../option-schema.js';
import { OptionChecks } from '../../options.js';
import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { rateAt } from '../../program/schedule.js';

type ScheduleKind = ScheduleDescription['kind'];

type Described<K extends ScheduleKind> = Omit<Extract<ScheduleDescription, { kind: K }>, 'kind'>;

/** A schema of exactly these options, which keeps what the description of such a schedule has. */
export type ScheduleSchema<K extends ScheduleKind, Options> = SchemaOf<Options> & {
  readonly [Name in keyof Described<K>]-?: { readonly kind: Kind<never, Described<K>[Name]> };
};

/** A learning rate that depends on the number of training steps, for any optimizer's `learningRate`. */
export abstract class LearningRateSchedule extends Configured {
  /** Keras's name of the class, such as "ExponentialDecay". Saved models use it. */
  abstract readonly className: string;
  readonly #kind: ScheduleKind | 'schedule';

  /**
   * `kind` also begins the messages of errors. A class of one's own needs no arguments, but overrides
   * `describe`.
   * @internal
   */
  constructor(kind: ScheduleKind | 'schedule' = 'schedule', options: object = {}, schema: Schema = {}) {
    super(kind, options, schema);
    this.#kind = kind;
  }

  /** @internal */
  describe(): ScheduleDescription {
    return { kind: this.#kind, ...this.getConfig() } as ScheduleDescription;
  }

  /**
   * The learning rate after `step` training steps. Throws INVALID_ARGUMENT unless `step` is a whole number
   * from 0 up.
   */
  at(step: number): number {
    return rateAt(this.describe(), new OptionChecks('schedule').whole('step', step, 0));
  }
}

/** A number of steps, above 0. */
export const steps = number((value) => value > 0, 'a number of steps above 0');

/** A number from 1 up. */
export const fromOne = number((value) => value >= 1, 'a finite number from 1 up');

/** The options of decays by a factor. */
export const FACTOR_DECAY_SCHEMA = {
  initialLearningRate: required(fromZero),
  decaySteps: required(steps),
  decayRate: required(fromZero),
  staircase: optional(flag, false),
};
