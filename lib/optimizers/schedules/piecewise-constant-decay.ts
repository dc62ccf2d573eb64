import { fromZero } from '../../option-kinds.js';
import { type FieldsOf, type Kind, required } from '../../option-schema.js';
import { show } from '../../options.js';
import { LearningRateSchedule, type ScheduleSchema } from './base-schedule.js';

/** Options of {@link PiecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** Increasing numbers of steps. values[i] holds up to and including boundaries[i]. */
  boundaries: readonly number[];
  /** The rates, one more than there are boundaries. */
  values: readonly number[];
}

/** A list of numbers from 0 up. */
const numbersFromZero: Kind<readonly number[]> = {
  read(checks, name, list) {
    if (!Array.isArray(list))
      return checks.fail('INVALID_ARGUMENT', `${name} is ${show(list)}; it must be a list.`);
    return list.map((value: unknown, i) => fromZero.read(checks, `${name}[${i}]`, value));
  },
  write: (list) => [...list],
};

const PIECEWISE_CONSTANT_DECAY_SCHEMA = {
  boundaries: required(numbersFromZero),
  values: required(numbersFromZero),
} satisfies ScheduleSchema<'piecewiseConstantDecay', PiecewiseConstantDecayOptions>;

export interface PiecewiseConstantDecay extends FieldsOf<typeof PIECEWISE_CONSTANT_DECAY_SCHEMA> {}

/** Keeps the rate constant between boundaries. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly className = 'PiecewiseConstantDecay';

  constructor(options: PiecewiseConstantDecayOptions) {
    super('piecewiseConstantDecay', options, PIECEWISE_CONSTANT_DECAY_SCHEMA);
    const { boundaries, values } = this;
    if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1])) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `boundaries is ${show(boundaries)}; each must be above the one before.`,
      );
    }
    if (values.length !== boundaries.length + 1) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `${boundaries.length} boundaries need ${boundaries.length + 1} values, not ${values.length}.`,
      );
    }
  }
}
