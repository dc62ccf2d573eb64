import { readStores, type WeightStore, writeStores } from '../layers/weight-store.js';
import { OptionChecks } from '../options.js';
import { Callback, type Logs } from './callback.js';
import { type CallbackVerbosity, readPrinter } from './format.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Minimum improvement over the best value that counts. Default 0. */
  minDelta?: number;
  /** Number of epochs without improvement after which training ends. Default 0. */
  patience?: number;
  /** If set, an improvement resets `patience` only once the value is also better than this. */
  baseline?: number;
  /**
   * Whether to restore the weights of the best epoch at the end, even if training ran all epochs. Default
   * false.
   */
  restoreBestWeights?: boolean;
  /** Index of the first epoch to monitor, from 0. Default 0. */
  startFromEpoch?: number;
  /** 1 prints a line when training stops and when weights are restored. Default 0. */
  verbose?: CallbackVerbosity;
}

/**
 * Ends training when the monitored value has stopped improving, as Keras's EarlyStopping does:
 * `earlyStopping({ patience: 3, restoreBestWeights: true })`.
 */
export class EarlyStopping extends Callback {
  /** Index of the epoch after which training stopped; undefined if it ran all epochs. */
  stoppedEpoch?: number;
  /** Index of the epoch with the best value. */
  bestEpoch?: number;
  /** The best value so far; infinite at the start. */
  best: number;
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #baseline?: number;
  readonly #restores: boolean;
  readonly #startFromEpoch: number;
  readonly #print: (line: string) => void;
  #wait = 0;
  /** Best weights by store, as the order of the model's weights changes when a layer is frozen. */
  #bestWeights?: ReadonlyMap<WeightStore, readonly Float32Array[]>;

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
  constructor(options: EarlyStoppingOptions = {}) {
    super();
    const checks = new OptionChecks('earlyStopping');
    checks.keys(options, [
      'monitor',
      'mode',
      'minDelta',
      'patience',
      'baseline',
      'restoreBestWeights',
      'startFromEpoch',
      'verbose',
    ]);
    this.#monitor = new Monitor(checks, options);
    this.#patience = checks.whole('patience', options.patience ?? 0, 0);
    if (options.baseline !== undefined)
      this.#baseline = checks.number('baseline', options.baseline, () => true, 'a finite number');
    this.#restores = checks.boolean('restoreBestWeights', options.restoreBestWeights ?? false);
    this.#startFromEpoch = checks.whole('startFromEpoch', options.startFromEpoch ?? 0, 0);
    this.#print = readPrinter(checks, options.verbose);
    this.best = this.#monitor.worst;
  }

  override get everyRank(): boolean {
    return true;
  }

  /** Throws UNKNOWN_OPTION if no logs will have the monitored key. */
  override onTrainBegin(): void {
    this.#monitor.check(this.params);
    this.#wait = 0;
    this.#bestWeights = undefined;
    this.best = this.#monitor.worst;
    this.bestEpoch = undefined;
    this.stoppedEpoch = undefined;
  }

  override getState(): unknown {
    const { best, bestEpoch = null, stoppedEpoch = null } = this;
    const bestWeights = this.#bestWeights;
    const weights =
      bestWeights && this.model.state.weightStores.flatMap((store) => bestWeights.get(store) ?? []);
    return { best, bestEpoch, stoppedEpoch, wait: this.#wait, weights: weights ?? null };
  }

  override setState(state: {
    best: number;
    bestEpoch: number | null;
    stoppedEpoch: number | null;
    wait: number;
    weights: readonly Float32Array[] | null;
  }): void {
    this.best = state.best;
    this.bestEpoch = state.bestEpoch ?? undefined;
    this.stoppedEpoch = state.stoppedEpoch ?? undefined;
    this.#wait = state.wait;
    if (state.stoppedEpoch !== null) this.model.stopTraining = true;
    if (!state.weights) return;
    const weights = [...state.weights];
    const stores = this.model.state.weightStores;
    this.#bestWeights = new Map(stores.map((store) => [store, weights.splice(0, store.specs.length)]));
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const value = this.#monitor.read(logs, this.params);
    if (value === undefined || epoch < this.#startFromEpoch) return;
    this.#wait++;
    const isBetter = this.#monitor.isBetter(value, this.best);
    if (this.#restores && (isBetter || !this.#bestWeights)) {
      const stores = this.model.state.weightStores;
      const values = readStores(stores);
      this.#bestWeights = new Map(stores.map((store, i) => [store, values[i]]));
      this.bestEpoch = epoch;
    }
    if (isBetter) {
      this.best = value;
      this.bestEpoch = epoch;
      if (this.#baseline === undefined || this.#monitor.isBetter(value, this.#baseline)) this.#wait = 0;
    } else if (this.#wait >= this.#patience) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): void {
    if (this.stoppedEpoch !== undefined)
      this.#print(`earlyStopping: stopped after epoch ${this.stoppedEpoch + 1}.`);
    if (!this.#bestWeights) return;
    writeStores(this.#bestWeights);
    this.#bestWeights = undefined;
    this.#print(`earlyStopping: restored the weights of epoch ${(this.bestEpoch as number) + 1}.`);
  }
}

/** Creates an {@link EarlyStopping}. */
export function earlyStopping(options?: EarlyStoppingOptions): EarlyStopping {
  return new EarlyStopping(options);
}
