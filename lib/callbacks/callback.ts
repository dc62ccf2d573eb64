import type { IOHandler, SaveResult } from '../io/artifacts.js';
import type { SaveOptions } from '../io/save-model.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import type { RunOptions } from '../network/run-options.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import type { PendingTensor, PendingTensors } from '../tensor/pending-tensor.js';

/** Values by name, such as {loss, acc, val_loss, val_acc}. */
export type Logs = Record<string, number>;

/** Where a non-finite loss came from, as far as that is known. */
export interface NonFiniteCause {
  /** The layer or input with the first non-finite value. */
  layer: string;
  /** For example "a weight of 'dense_1', in its kernel, is NaN". */
  description: string;
}

/** Report of the first non-finite training loss, or validation loss, of a fit. */
export interface NonFiniteReport extends NonFiniteCause {
  /** Whether the loss is a validation loss. */
  validation: boolean;
  /** Index of the epoch, from 0. */
  epoch: number;
  /** Index of the batch in the epoch, or in the validation, from 0. */
  step: number;
  /** The whole report as a sentence. */
  message: string;
}

/**
 * The model in training, as callbacks see it: all that may be used meanwhile. `this.model as LayersModel` has
 * the rest.
 */
export interface TrainedModel extends Model {
  /** See LayersModel.predict. */
  predict(x: DataLike, options?: RunOptions): PendingTensor;
  /** See LayersModel.evaluate. */
  evaluate<Scores extends PendingTensor | PendingTensors = PendingTensors>(
    x: DataLike,
    y: DataLike,
    options?: RunOptions,
  ): Scores;
  /** See LayersModel.save. */
  save<Result = SaveResult>(target: string | IOHandler<Result>, options?: SaveOptions): Promise<Result>;
}

/** Settings of a fit, passed to callbacks before it begins. */
export interface CallbackParams {
  /** Number of the last epoch, from 1. */
  epochs: number;
  /** Index of the first epoch, from 0. */
  initialEpoch: number;
  /** Number of training samples, without the hold-out of validationSplit; null in fitDataset. */
  samples: number | null;
  /** Number of batches in an epoch; null if a dataset doesn't know its size. */
  steps: number | null;
  /** Number of samples in a batch; null in fitDataset. */
  batchSize: number | null;
  /** The option of fit: 0, 1 or 2. */
  verbose: number;
  /** Whether the fit validates, so that logs have val_ keys. */
  doValidation: boolean;
  /** Keys of an epoch's logs when this callback gets them. */
  metrics: readonly string[];
  /** Whether logs may have further keys: true if a custom callback runs before this one. */
  mayHaveOthers: boolean;
}

/** Index and size of a batch. In onBatchEnd, also the batch's mean loss and metrics. */
export type BatchLogs = Logs & {
  /** Index in the epoch, from 0. */
  batch: number;
  /** Number of samples. */
  size: number;
};

/** What checkpoints of a fit hold of a callback. */
export interface CallbackState {
  /**
   * Returns what the callback must remember, for a checkpoint: numbers (also NaN and infinite ones), text,
   * true, false, null, typed arrays, and lists and objects of these; undefined for nothing. Called between two
   * steps or epochs. Arrays are written while training goes on, so return copies of those that change. Not
   * called without the option `checkpoint`.
   */
  getState?(): unknown;
  /**
   * Takes what getState returned, when a fit resumes from a checkpoint: after onTrainBegin, and within an epoch
   * also after onEpochBegin of that epoch. Not called if the checkpoint has nothing for this callback.
   */
  setState?(state: unknown): unknown;
}

/**
 * Hooks of a fit, which awaits what each returns. Without batch hooks an epoch is a single engine run, so
 * leave them out unless you need them.
 */
export interface CallbackHooks {
  /** Called before the first epoch. */
  onTrainBegin?(logs?: Logs): unknown;
  /** Called after the last epoch, also if training stopped early. */
  onTrainEnd?(logs?: Logs): unknown;
  /** Called before each epoch (from 0). */
  onEpochBegin?(epoch: number, logs?: Logs): unknown;
  /**
   * Called after each epoch and its validation. Later callbacks and the history see what it adds to the logs.
   */
  onEpochEnd?(epoch: number, logs?: Logs): unknown;
  /** Called before each batch (from 0 in each epoch). */
  onBatchBegin?(batch: number, logs?: BatchLogs): unknown;
  /**
   * Called after each batch, with its mean loss and metrics. `model.stopTraining = true` ends the fit here.
   */
  onBatchEnd?(batch: number, logs?: BatchLogs): unknown;
  /**
   * Called at the first training loss of a fit that is NaN or infinite, before the optimizer applies that
   * step. The weights are those that the loss was computed with. `model.stopTraining = true` ends the fit
   * here, without the step.
   *
   * Also called at the first such validation loss, unless a loss was reported before; `stopTraining` then
   * ends the fit after that epoch.
   */
  onNonFinite?(report: NonFiniteReport): unknown;
}

/** A plain object of hooks. Any other key is an error. */
export interface CallbackObject extends CallbackHooks, CallbackState {
  /**
   * Whether it runs in every process of a fit with `distribute`. Rank 0 alone calls others, and tells the rest
   * of `stopTraining` and of a new learning rate, but not of weights that a callback writes. Default false.
   */
  readonly everyRank?: boolean;
  /** Called once before onTrainBegin, with the model to train. */
  setModel?(model: TrainedModel): void;
  /** Called once before onTrainBegin, with the settings of the fit. */
  setParams?(params: CallbackParams): void;
}

/** A callback for fit: an instance of a Callback, or a plain object of hooks. */
export type CallbackLike = Callback | CallbackObject;

/** Base class of callbacks: override the hooks that you need. */
export class Callback implements CallbackObject {
  /** Whether it runs in every process of a fit with `distribute`: see CallbackObject. */
  get everyRank(): boolean {
    return false;
  }

  /** Set before onTrainBegin. */
  model!: TrainedModel;
  /** Set before onTrainBegin. */
  params!: CallbackParams;

  /** Stores the model in `model`. */
  setModel(model: TrainedModel): void {
    this.model = model;
  }

  /** Stores the settings of the fit in `params`. */
  setParams(params: CallbackParams): void {
    this.params = params;
  }

  /** Returns what checkpoints must hold of the callback. Default: nothing. */
  getState(): unknown {
    return undefined;
  }

  /** Takes what getState returned, when a fit resumes from a checkpoint. */
  setState(_state: unknown): unknown {
    return undefined;
  }

  /** Called before the first epoch. */
  onTrainBegin(_logs?: Logs): unknown {
    return undefined;
  }

  /** Called after the last epoch, also if training stopped early. */
  onTrainEnd(_logs?: Logs): unknown {
    return undefined;
  }

  /** Called before each epoch (from 0). */
  onEpochBegin(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  /**
   * Called after each epoch and its validation. Later callbacks and the history see what it adds to the logs.
   */
  onEpochEnd(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  /**
   * Called before each batch (from 0 in each epoch). Overriding it makes each batch an engine run of its own.
   */
  onBatchBegin(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }

  /**
   * Called after each batch, with its mean loss and metrics. Overriding it makes each batch an engine run of
   * its own.
   */
  onBatchEnd(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }

  /**
   * Called at the first training loss of a fit that is NaN or infinite, before the optimizer applies that
   * step; `model.stopTraining = true` ends the fit here. Also called at the first such validation loss,
   * unless a loss was reported before; `stopTraining` then ends the fit after that epoch.
   */
  onNonFinite(_report: NonFiniteReport): unknown {
    return undefined;
  }
}

export type HookName = keyof CallbackHooks;

export const HOOK_NAMES: readonly HookName[] = [
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onNonFinite',
];

/** The functions that checkpoints call. */
export const STATE_NAMES: readonly (keyof CallbackState)[] = ['getState', 'setState'];

const checks: OptionChecks = new OptionChecks('callbacks');

/**
 * Checks a callback. A plain object may have only hooks; an instance may have anything but misspelt hooks.
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT.
 */
export function checkCallback(callback: unknown): CallbackLike {
  if (callback === null || typeof callback !== 'object') {
    const remedy = typeof callback === 'function' ? '; pass an instance, new ...()' : '';
    checks.fail('INVALID_ARGUMENT', `${show(callback)} is not a callback${remedy}.`);
  }
  if (isPlainObject(callback)) checkObject(callback);
  else checkInstance(callback);
  return callback as CallbackLike;
}

function checkObject({ everyRank, ...hooks }: Readonly<Record<string, unknown>>): void {
  checks.boolean('everyRank', everyRank ?? false);
  checkHooks(hooks, [...HOOK_NAMES, ...STATE_NAMES, 'setModel', 'setParams', 'everyRank']);
}

/** Throws UNKNOWN_OPTION for an unknown key, INVALID_ARGUMENT for a hook that isn't a function. */
export function checkHooks(hooks: object, known: readonly string[]): void {
  checks.keys(hooks, known);
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook !== undefined && typeof hook !== 'function') {
      checks.fail('INVALID_ARGUMENT', `${name} is ${show(hook)}; it must be a function.`);
    }
  }
}

/** Whether the callback defines this hook; the base class's empty hooks don't count. */
export function hasHook(callback: CallbackLike, name: HookName): boolean {
  const hook = callback[name];
  return typeof hook === 'function' && hook !== Callback.prototype[name];
}

function checkInstance(callback: object): void {
  const known: readonly string[] = HOOK_NAMES;
  for (let level = callback; level; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (/^on[A-Z]/.test(name) && !known.includes(name)) {
        checks.fail('UNKNOWN_OPTION', unknownName('hook', name, known));
      }
    }
  }
}
