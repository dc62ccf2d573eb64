import { OptionChecks } from '../../options.js';
import type { ScheduleDescription } from '../../program/optimizer-description.js';
import { rateAt } from '../../program/schedule.js';

/** A learning rate that depends on the number of training steps, for any optimizer's `learningRate`. */
export abstract class LearningRateSchedule {
  /** Keras's name of the class, such as "ExponentialDecay". Saved models use it. */
  abstract readonly className: string;

  /** @internal */
  abstract describe(): ScheduleDescription;

  /**
   * The learning rate after `step` training steps. Throws INVALID_ARGUMENT unless `step` is a whole number
   * from 0 up.
   */
  at(step: number): number {
    return rateAt(this.describe(), new OptionChecks('schedule').whole('step', step, 0));
  }

  /** The options that make this schedule again, as plain data. */
  getConfig(): Record<string, unknown> {
    const { kind, ...config } = this.describe();
    return config;
  }
}

/** Reads a schedule's options. */
export class ScheduleOptions<Options extends object> {
  readonly #checks: OptionChecks;
  readonly #options: Options;

  constructor(subject: string, options: Options, known: readonly (keyof Options & string)[]) {
    this.#checks = new OptionChecks(subject);
    this.#checks.keys(options, known);
    this.#options = options;
  }

  /** Reads a finite number of at least `minimum`, required if `missing` isn't given. */
  number(name: keyof Options & string, missing?: number, minimum = 0): number {
    const range = `a finite number from ${minimum} up`;
    return this.#checks.number(name, this.#options[name] ?? missing, (value) => value >= minimum, range);
  }

  /** Reads a number of steps, above 0. */
  steps(name: keyof Options & string): number {
    return this.#checks.number(name, this.#options[name], (value) => value > 0, 'a number of steps above 0');
  }

  boolean(name: keyof Options & string): boolean {
    return this.#checks.boolean(name, this.#options[name] ?? false);
  }

  fail(message: string): never {
    return this.#checks.fail('INVALID_ARGUMENT', message);
  }
}
