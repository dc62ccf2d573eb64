import { readStores, type WeightStore, writeStores } from '../layers/weight-store.js';
import { OptionChecks } from '../options.js';
import { Callback, type Logs } from './callback.js';
import { type CallbackVerbosity, readTell } from './format.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** By how much a value must be better than the best one to count as better. Default 0. */
  minDelta?: number;
  /** Epochs without a better value after which training ends. Default 0. */
  patience?: number;
  /** Where given, a better value only counts against patience once it is better than this too. */
  baseline?: number;
  /** Whether the model has the weights of its best epoch in the end, also where training wasn't stopped early. Default false. */
  restoreBestWeights?: boolean;
  /** The first epoch, from 0, that is looked at. Default 0. */
  startFromEpoch?: number;
  /** Default 0. */
  verbose?: CallbackVerbosity;
}

/** Ends training when the monitored value has stopped getting better: what Keras's EarlyStopping does. */
export class EarlyStopping extends Callback {
  /** The number of the epoch after which training was stopped, if it was. */
  stoppedEpoch?: number;
  /** The number of the epoch with the best value. */
  bestEpoch?: number;
  /** The best value; an infinity before there is one. */
  best: number;
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #baseline?: number;
  readonly #restores: boolean;
  readonly #startFromEpoch: number;
  readonly #tell: (line: string) => void;
  #wait = 0;
  /** By store, since the order of the model's weights changes when a layer is frozen. */
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
    this.#tell = readTell(checks, options.verbose);
    this.best = this.#monitor.worst;
  }

  /** Throws UNKNOWN_OPTION where no logs will have what it monitors. */
  override onTrainBegin(): void {
    this.#monitor.check(this.params);
    this.#wait = 0;
    this.#bestWeights = undefined;
    this.best = this.#monitor.worst;
    this.bestEpoch = undefined;
    this.stoppedEpoch = undefined;
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
      this.#tell(`earlyStopping: stopped after epoch ${this.stoppedEpoch + 1}.`);
    if (!this.#bestWeights) return;
    writeStores(this.#bestWeights);
    this.#bestWeights = undefined;
    this.#tell(`earlyStopping: weights are those of epoch ${(this.bestEpoch as number) + 1} again.`);
  }
}

/** See EarlyStopping. */
export function earlyStopping(options?: EarlyStoppingOptions): EarlyStopping {
  return new EarlyStopping(options);
}
