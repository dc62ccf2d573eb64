import { OptionChecks } from '../options.js';
import { Callback, type Logs } from './callback.js';
import { type CallbackVerbosity, formatNumber, readPrinter } from './format.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** Minimum improvement over the best value that counts. Default 1e-4. */
  minDelta?: number;
  /** Factor in (0, 1) that multiplies the learning rate. Default 0.1. */
  factor?: number;
  /** Number of epochs without improvement after which the rate is reduced. Default 10. */
  patience?: number;
  /** Number of epochs after a reduction that don't count toward `patience`. Default 0. */
  cooldown?: number;
  /** Lower bound of the learning rate. Default 0. */
  minLR?: number;
  /** 1 prints a line for each reduction. Default 0. */
  verbose?: CallbackVerbosity;
}

/**
 * Reduces the learning rate when the monitored value has stopped improving, as Keras's ReduceLROnPlateau
 * does. Logs have the epoch's rate as `learningRate`.
 */
export class ReduceLROnPlateau extends Callback {
  readonly #monitor: Monitor;
  readonly #factor: number;
  readonly #patience: number;
  readonly #cooldown: number;
  readonly #minLR: number;
  readonly #print: (line: string) => void;
  #best: number;
  #wait = 0;
  /** Remaining epochs of the cooldown. */
  #cooling = 0;

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    const checks = new OptionChecks('reduceLROnPlateau');
    checks.keys(options, [
      'monitor',
      'mode',
      'minDelta',
      'factor',
      'patience',
      'cooldown',
      'minLR',
      'verbose',
    ]);
    this.#monitor = new Monitor(checks, { ...options, minDelta: options.minDelta ?? 1e-4 });
    const isShare = (factor: number) => factor > 0 && factor < 1;
    this.#factor = checks.number('factor', options.factor ?? 0.1, isShare, 'a number in (0, 1)');
    this.#patience = checks.whole('patience', options.patience ?? 10, 0);
    this.#cooldown = checks.whole('cooldown', options.cooldown ?? 0, 0);
    this.#minLR = checks.number(
      'minLR',
      options.minLR ?? 0,
      (rate) => rate >= 0,
      'a finite number from 0 up',
    );
    this.#print = readPrinter(checks, options.verbose);
    this.#best = this.#monitor.worst;
  }

  override get everyRank(): boolean {
    return true;
  }

  /** Throws UNKNOWN_OPTION if no logs will have the monitored key. */
  override onTrainBegin(): void {
    const { metrics, ...params } = this.params;
    this.#monitor.check({ ...params, metrics: [...metrics, 'learningRate'] });
    this.#best = this.#monitor.worst;
    this.#wait = 0;
    this.#cooling = 0;
  }

  override getState(): unknown {
    return { best: this.#best, wait: this.#wait, cooling: this.#cooling };
  }

  override setState({ best, wait, cooling }: { best: number; wait: number; cooling: number }): void {
    this.#best = best;
    this.#wait = wait;
    this.#cooling = cooling;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    logs.learningRate = this.model.optimizer.learningRate;
    const value = this.#monitor.read(logs, this.params);
    if (value === undefined) return;
    const counts = this.#cooling === 0;
    if (!counts) this.#cooling--;
    if (this.#monitor.isBetter(value, this.#best)) {
      this.#best = value;
      this.#wait = 0;
    } else if (counts && ++this.#wait >= this.#patience) this.#reduce(epoch);
  }

  #reduce(epoch: number): void {
    const { optimizer } = this.model;
    if (optimizer.learningRate <= this.#minLR) return;
    optimizer.learningRate = Math.max(optimizer.learningRate * this.#factor, this.#minLR);
    this.#cooling = this.#cooldown;
    this.#wait = 0;
    this.#print(
      `reduceLROnPlateau: the learning rate is ${formatNumber(optimizer.learningRate)} after epoch ${epoch + 1}.`,
    );
  }
}

/** Creates a {@link ReduceLROnPlateau}. */
export function reduceLROnPlateau(options?: ReduceLROnPlateauOptions): ReduceLROnPlateau {
  return new ReduceLROnPlateau(options);
}
