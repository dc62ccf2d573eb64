import { OptionChecks, show } from '../../options.js';
import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { LearningRateSchedule } from './base-schedule.js';

/** Options of {@link PiecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** Increasing numbers of steps. values[i] holds up to and including boundaries[i]. */
  boundaries: readonly number[];
  /** The rates, one more than there are boundaries. */
  values: readonly number[];
}

/** Keeps the rate constant between boundaries. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly className = 'PiecewiseConstantDecay';
  readonly #description: ScheduleDescription;

  constructor(options: PiecewiseConstantDecayOptions) {
    super();
    const checks = new OptionChecks('piecewiseConstantDecay');
    checks.keys(options, ['boundaries', 'values']);
    const boundaries = readNumbers(checks, 'boundaries', options.boundaries);
    const values = readNumbers(checks, 'values', options.values);
    if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1]))
      checks.fail(
        'INVALID_ARGUMENT',
        `boundaries is ${show(boundaries)}; each must be above the one before.`,
      );
    if (values.length !== boundaries.length + 1) {
      checks.fail(
        'INVALID_ARGUMENT',
        `${boundaries.length} boundaries need ${boundaries.length + 1} values, not ${values.length}.`,
      );
    }
    this.#description = { kind: 'piecewiseConstantDecay', boundaries, values };
  }

  describe(): ScheduleDescription {
    return this.#description;
  }
}

function readNumbers(checks: OptionChecks, name: string, list: unknown): number[] {
  if (!Array.isArray(list)) checks.fail('INVALID_ARGUMENT', `${name} is ${show(list)}; it must be a list.`);
  return list.map((value, i) =>
    checks.number(`${name}[${i}]`, value, (each) => each >= 0, 'a finite number from 0 up'),
  );
}
