import { OptionChecks, show } from '../options.js';
import { Callback, type Logs } from './callback.js';
import { type CallbackVerbosity, formatNumber, readPrinter } from './format.js';

/** Returns the learning rate of an epoch (from 0). `learningRate` is the current rate. */
export type LearningRateFunction = (epoch: number, learningRate: number) => number;

/** Options of {@link LearningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** 1 prints the learning rate of each epoch. Default 0. */
  verbose?: CallbackVerbosity;
}

/**
 * Sets the learning rate before each epoch, as Keras's LearningRateScheduler does:
 * `learningRateScheduler((epoch, rate) => (epoch < 10 ? rate : rate * 0.9))`. Logs have it as `learningRate`.
 */
export class LearningRateScheduler extends Callback {
  readonly #checks = new OptionChecks('learningRateScheduler');
  readonly #schedule: LearningRateFunction;
  readonly #print: (line: string) => void;

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
  constructor(schedule: LearningRateFunction, options: LearningRateSchedulerOptions = {}) {
    super();
    const checks = this.#checks;
    checks.keys(options, ['verbose']);
    if (typeof schedule !== 'function')
      checks.fail('INVALID_ARGUMENT', `schedule is ${show(schedule)}; it must be a function (epoch, rate).`);
    this.#schedule = schedule;
    this.#print = readPrinter(checks, options.verbose);
  }

  override get everyRank(): boolean {
    return true;
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model;
    const rate = this.#checks.number(
      `the rate that schedule gives for epoch ${epoch}`,
      this.#schedule(epoch, optimizer.learningRate),
      (value) => value >= 0,
      'a finite number from 0 up',
    );
    optimizer.learningRate = rate;
    this.#print(`learningRateScheduler: the learning rate is ${formatNumber(rate)} in epoch ${epoch + 1}.`);
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void {
    logs.learningRate = this.model.optimizer.learningRate;
  }
}

/** Creates a {@link LearningRateScheduler}. */
export function learningRateScheduler(
  schedule: LearningRateFunction,
  options?: LearningRateSchedulerOptions,
): LearningRateScheduler {
  return new LearningRateScheduler(schedule, options);
}
