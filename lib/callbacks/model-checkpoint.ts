import { checkFormat } from '../io/locations.js';
import { OptionChecks, show, unknownName } from '../options.js';
import { type BatchLogs, Callback, type Logs } from './callback.js';
import { type CallbackVerbosity, formatNumber, readPrinter } from './format.js';
import { Monitor, type MonitorMode } from './monitor.js';

/** Options of {@link ModelCheckpoint}. */
export interface ModelCheckpointOptions {
  /**
   * Folder or `.keras` file to save to, as for model.save. It may have fields for the epoch (from 1) and the logs,
   * 'checkpoints/{epoch:03d}-{val_loss:.2f}', and with a numeric saveFreq also for the batch (from 1 in each
   * epoch). Without fields, each checkpoint replaces the one before.
   */
  filepath: string;
  /**
   * Log key that saveBestOnly compares. Default 'val_loss'. With a numeric saveFreq only training keys, such
   * as 'loss', are available.
   */
  monitor?: string;
  /** Whether lower ('min') or higher ('max') values are better. Default 'auto': decided by the key. */
  mode?: MonitorMode;
  /** Whether to save only if the value is better than all before. Default false. */
  saveBestOnly?: boolean;
  /** With saveBestOnly, a value that the first checkpoint must be better than. */
  initialValueThreshold?: number;
  /**
   * Whether to leave out the optimizer and its state. The layers are always saved, so that the checkpoint can
   * be loaded. Default false.
   */
  saveWeightsOnly?: boolean;
  /**
   * 'epoch' saves after each epoch; a number n saves after every n batches, counted across epochs. Logs are
   * then those of the single batch, and each batch is an engine run of its own, as with any batch hook.
   * Default 'epoch'.
   */
  saveFreq?: 'epoch' | number;
  /** 1 prints a line for each checkpoint. Default 0. */
  verbose?: CallbackVerbosity;
}

/**
 * Saves the model, by default with its optimizer, after epochs or after every n batches, as Keras's
 * ModelCheckpoint does: `modelCheckpoint({ filepath: 'checkpoints/best', saveBestOnly: true })`.
 */
export class ModelCheckpoint extends Callback {
  /** Path of the latest checkpoint. */
  savedTo?: string;
  /** With saveBestOnly, the best value of all fits so far; otherwise NaN. */
  best: number;
  readonly #path: PathTemplate;
  readonly #monitor?: Monitor;
  readonly #includeOptimizer: boolean;
  readonly #print: (line: string) => void;
  readonly #saveFreq: 'epoch' | number;
  #epoch = 0;
  #batchesSinceSave = 0;

  /**
   * Throws UNKNOWN_OPTION, INVALID_ARGUMENT; UNSUPPORTED for a path such as 'best.onnx', which names a
   * format that can't be written yet.
   */
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
    const { filepath, initialValueThreshold: threshold } = options;
    if (typeof filepath !== 'string' || filepath === '')
      checks.fail('INVALID_ARGUMENT', `filepath is ${show(filepath)}; it must be a path.`);
    checkFormat(filepath, 'modelCheckpoint');
    this.#saveFreq = readSaveFreq(checks, options.saveFreq ?? 'epoch');
    // Set only if needed, as a batch hook makes each batch an engine run of its own.
    if (this.#saveFreq !== 'epoch') this.onBatchEnd = this.#countBatch;
    this.#includeOptimizer = !checks.boolean('saveWeightsOnly', options.saveWeightsOnly ?? false);
    this.#path = new PathTemplate(checks, filepath);
    const saveBestOnly = checks.boolean('saveBestOnly', options.saveBestOnly ?? false);
    const { monitor, mode } = options;
    if (saveBestOnly) this.#monitor = new Monitor(checks, { monitor, mode });
    else if (threshold !== undefined)
      checks.fail('INVALID_ARGUMENT', 'initialValueThreshold needs saveBestOnly: true.');
    if (this.#saveFreq !== 'epoch' && this.#monitor?.key.startsWith('val_')) {
      checks.fail(
        'INVALID_ARGUMENT',
        `monitor is ${show(this.#monitor.key)}, which is known after an epoch only; with saveFreq ${this.#saveFreq} give 'loss', or leave saveFreq out.`,
      );
    }
    this.best =
      threshold === undefined
        ? (this.#monitor?.worst ?? Number.NaN)
        : checks.number('initialValueThreshold', threshold, () => true, 'a finite number');
    this.#print = readPrinter(checks, options.verbose);
  }

  /** Throws UNKNOWN_OPTION if no logs will have the monitored key, or a key in the path. */
  override onTrainBegin(): void {
    this.#monitor?.check(this.params);
    const { metrics, mayHaveOthers } = this.params;
    const places = this.#saveFreq === 'epoch' ? ['epoch'] : ['epoch', 'batch'];
    if (!mayHaveOthers) this.#path.check([...metrics, ...places]);
  }

  override getState(): unknown {
    const { best, savedTo = null } = this;
    return { best, savedTo, batchesSinceSave: this.#batchesSinceSave };
  }

  override setState(state: { best: number; savedTo: string | null; batchesSinceSave: number }): void {
    this.best = state.best;
    this.savedTo = state.savedTo ?? undefined;
    this.#batchesSinceSave = state.batchesSinceSave;
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  /**
   * Saves the model if it is due. Rejects with IO_ERROR if that fails; UNKNOWN_OPTION for keys that the logs
   * lack.
   */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.#saveFreq === 'epoch') await this.#save({ ...logs, epoch: epoch + 1 }, `epoch ${epoch + 1}`);
  }

  async #countBatch(batch: number, logs?: BatchLogs): Promise<void> {
    this.#batchesSinceSave += 1;
    if (this.#batchesSinceSave !== this.#saveFreq) return;
    this.#batchesSinceSave = 0;
    const epoch = this.#epoch + 1;
    await this.#save({ ...logs, epoch, batch: batch + 1 }, `batch ${batch + 1} of epoch ${epoch}`);
  }

  async #save(logs: Logs, moment: string): Promise<void> {
    if (this.#monitor) {
      const value = this.#monitor.read(logs, this.params);
      if (value === undefined || !this.#monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    const path = this.#path.fill(logs);
    await this.model.save(path, { includeOptimizer: this.#includeOptimizer });
    this.savedTo = path;
    const why = this.#monitor ? ` ${this.#monitor.key} is ${formatNumber(this.best)};` : '';
    this.#print(`modelCheckpoint:${why} saved to ${path} after ${moment}.`);
  }
}

function readSaveFreq(checks: OptionChecks, value: unknown): 'epoch' | number {
  if (value === 'epoch' || (Number.isSafeInteger(value) && (value as number) > 0))
    return value as 'epoch' | number;
  return checks.fail(
    'INVALID_ARGUMENT',
    `saveFreq is ${show(value)}; it must be 'epoch', or a whole number of batches from 1 up.`,
  );
}

/** Creates a {@link ModelCheckpoint}. */
export function modelCheckpoint(options: ModelCheckpointOptions): ModelCheckpoint {
  return new ModelCheckpoint(options);
}

interface Field {
  key: string;
  zeros: boolean;
  width: number;
  precision?: number;
  kind: 'd' | 'f' | 'e' | '';
}

/** A path with fields such as {epoch}, {epoch:03d} and {val_loss:.2f}, in the syntax of Python's format. */
class PathTemplate {
  readonly #checks: OptionChecks;
  /** Text and fields, alternating. */
  readonly #parts: readonly (string | Field)[];

  /** Throws INVALID_ARGUMENT for a malformed field. */
  constructor(checks: OptionChecks, template: string) {
    this.#checks = checks;
    this.#parts = template
      .split(/(\{[^}]*\})/)
      .map((part) => (part.startsWith('{') ? this.#field(part) : part));
  }

  /** Throws UNKNOWN_OPTION for a field that isn't among `keys`. */
  check(keys: readonly string[]): void {
    for (const part of this.#parts) {
      if (typeof part === 'string' || keys.includes(part.key)) continue;
      this.#checks.fail('UNKNOWN_OPTION', `filepath: ${unknownName('log key', part.key, keys)}`);
    }
  }

  /** Throws UNKNOWN_OPTION for a field that `values` lacks. */
  fill(values: Readonly<Record<string, number>>): string {
    this.check(Object.keys(values));
    return this.#parts.map((part) => (typeof part === 'string' ? part : this.#show(part, values))).join('');
  }

  #field(text: string): Field {
    const match = /^\{(\w+)(?::(0?)(\d*)(?:\.(\d+))?([dfe]?))?\}$/.exec(text);
    if (!match) {
      return this.#checks.fail(
        'INVALID_ARGUMENT',
        `'${text}' in filepath is not a valid field; fields look like {epoch}, {epoch:03d} or {val_loss:.2f}.`,
      );
    }
    const [, key, zeros = '', width = '', precision, kind = ''] = match;
    const field: Field = { key, zeros: zeros === '0', width: Number(width), kind: kind as Field['kind'] };
    return precision === undefined ? field : { ...field, precision: Number(precision) };
  }

  #show({ key, zeros, width, precision, kind }: Field, values: Readonly<Record<string, number>>): string {
    return written(values[key], precision, kind).padStart(width, zeros ? '0' : ' ');
  }
}

function written(value: number, precision: number | undefined, kind: Field['kind']): string {
  if (kind === 'd') return value.toFixed(0);
  if (kind === 'e') return value.toExponential(precision ?? 6);
  if (kind === 'f' || precision !== undefined) return value.toFixed(precision ?? 6);
  return String(value);
}
