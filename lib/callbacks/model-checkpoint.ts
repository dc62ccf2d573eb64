import { OptionChecks, show } from '../options.js';
import type { Logs } from '../training/logs.js';
import { Callback } from './callback.js';
import { formatNumber } from './format.js';
import { Monitor, type MonitorMode } from './monitor.js';
import { PathTemplate } from './path-template.js';
import { type CallbackVerbosity, readTell } from './verbosity.js';

/** Options of {@link ModelCheckpoint}. */
export interface ModelCheckpointOptions {
  /**
   * Where to save, as model.save takes it: a folder, with fields for the epoch (counted from 1) and the logs,
   * 'checkpoints/{epoch:03d}-{val_loss:.2f}'. Without fields each save takes the place of the one before.
   */
  filepath: string;
  /** The key of the logs that tells the best. Default 'val_loss'. */
  monitor?: string;
  /** Default 'auto'. */
  mode?: MonitorMode;
  /** Whether only epochs with a better value than all before are saved. Default false. */
  saveBestOnly?: boolean;
  /** With saveBestOnly, what the first value must be better than. */
  initialValueThreshold?: number;
  /** Whether the optimizer and its state are left out. What is saved has its layers in any case, so that it can be loaded. Default false. */
  saveWeightsOnly?: boolean;
  /** 'epoch': after each epoch. */
  saveFreq?: 'epoch';
  /** Default 0. */
  verbose?: CallbackVerbosity;
}

/** Saves the model, by default with its optimizer, at the ends of epochs: what Keras's ModelCheckpoint does. */
export class ModelCheckpoint extends Callback {
  /** Where the model was saved last. */
  savedTo?: string;
  /** With saveBestOnly, the best value so far, from fit to fit; otherwise NaN. */
  best: number;
  readonly #path: PathTemplate;
  readonly #monitor?: Monitor;
  readonly #includeOptimizer: boolean;
  readonly #tell: (line: string) => void;

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT; UNSUPPORTED for another saveFreq. */
  constructor(options: ModelCheckpointOptions) {
    super();
    const checks = new OptionChecks('modelCheckpoint');
    checks.keys(options, [
      'filepath',
      'monitor',
      'mode',
      'saveBestOnly',
      'initialValueThreshold',
      'saveWeightsOnly',
      'saveFreq',
      'verbose',
    ]);
    const { filepath, saveFreq = 'epoch', initialValueThreshold: threshold } = options;
    if (typeof filepath !== 'string' || filepath === '')
      checks.fail('INVALID_ARGUMENT', `filepath is ${show(filepath)}; it must be a path.`);
    if (saveFreq !== 'epoch')
      checks.fail('UNSUPPORTED', `saveFreq is ${show(saveFreq)}; models are saved after each 'epoch'.`);
    this.#includeOptimizer = !checks.boolean('saveWeightsOnly', options.saveWeightsOnly ?? false);
    this.#path = new PathTemplate(checks, filepath);
    const saveBestOnly = checks.boolean('saveBestOnly', options.saveBestOnly ?? false);
    const { monitor, mode } = options;
    if (saveBestOnly) this.#monitor = new Monitor(checks, { monitor, mode });
    else if (threshold !== undefined)
      checks.fail('INVALID_ARGUMENT', 'initialValueThreshold is for saveBestOnly: true.');
    this.best =
      threshold === undefined
        ? (this.#monitor?.worst ?? Number.NaN)
        : checks.number('initialValueThreshold', threshold, () => true, 'a finite number');
    this.#tell = readTell(checks, options.verbose);
  }

  /** Rejects with IO_ERROR if the model can't be saved; UNKNOWN_OPTION for keys that the logs don't have. */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.#monitor) {
      const value = this.#monitor.read(logs, this.params);
      if (value === undefined || !this.#monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    const path = this.#path.fill({ epoch: epoch + 1, ...logs });
    await this.model.save(path, { includeOptimizer: this.#includeOptimizer });
    this.savedTo = path;
    const why = this.#monitor ? ` ${this.#monitor.key} is ${formatNumber(this.best)};` : '';
    this.#tell(`modelCheckpoint:${why} saved to ${path} after epoch ${epoch + 1}.`);
  }
}

/** See ModelCheckpoint. */
export function modelCheckpoint(options: ModelCheckpointOptions): ModelCheckpoint {
  return new ModelCheckpoint(options);
}
