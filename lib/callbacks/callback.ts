import type { IOHandler, SaveResult } from '../io/artifacts.js';
import type { SaveOptions } from '../io/save-model.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import type { RunOptions } from '../network/run-options.js';
import { OptionChecks, show, unknownName } from '../options.js';
import type { PendingTensor, PendingTensors } from '../tensor/pending-tensor.js';

/** What callbacks and histories get: values by name, such as {loss, acc, val_loss, val_acc}. */
export type Logs = Record<string, number>;

/** Why a loss is no finite number, as far as it can be seen. */
export interface NonFiniteCause {
  /** The layer, or the input, where the first number that isn't finite is found. */
  layer: string;
  /** "a weight of 'dense_1', its kernel, is NaN", for example. */
  description: string;
}

/** The first training loss, or the first validation loss, of a fit that is no finite number. */
export interface NonFiniteReport extends NonFiniteCause {
  /** Whether it is a validation loss. */
  validation: boolean;
  /** From 0. */
  epoch: number;
  /** The batch in the epoch, or among the validation batches, from 0. */
  step: number;
  /** All of it in words. */
  message: string;
}

/** What callbacks see of the LayersModel that is trained: what can be done with it meanwhile. `this.model as LayersModel` has the rest. */
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

/** What a fit will do, as callbacks are told before it begins. */
export interface CallbackParams {
  /** The number of the last epoch, counted from 1. */
  epochs: number;
  /** The number of the first epoch, from 0. */
  initialEpoch: number;
  /** Training samples, without those kept for validation; null in fitDataset. */
  samples: number | null;
  /** Batches in an epoch; null where a dataset doesn't tell. */
  steps: number | null;
  /** null in fitDataset. */
  batchSize: number | null;
  /** 0, 1 or 2, as fit was told. */
  verbose: number;
  /** Whether logs will have val_ keys. */
  doValidation: boolean;
  /** Keys of an epoch's logs, as this callback gets them. */
  metrics: readonly string[];
  /** Whether there may be others: where a callback of your own goes before this one, which may add some. */
  mayHaveOthers: boolean;
}

/** Where a batch is: its number in the epoch and its samples. With onBatchEnd, also the batch's means (loss, acc). */
export type BatchLogs = Logs & {
  /** From 0 in each epoch. */
  batch: number;
  /** Samples. */
  size: number;
};

/**
 * Moments of a fit; it waits for what a hook returns. A fit without batch hooks runs a whole epoch in one go, so leave those out
 * where they aren't needed.
 */
export interface CallbackHooks {
  /** Before the first epoch. */
  onTrainBegin?(logs?: Logs): unknown;
  /** After the last epoch, also where training was stopped early. */
  onTrainEnd?(logs?: Logs): unknown;
  /** Before an epoch, counted from 0. */
  onEpochBegin?(epoch: number, logs?: Logs): unknown;
  /** After an epoch and its validation. What is added to the logs, later callbacks and the history have too. */
  onEpochEnd?(epoch: number, logs?: Logs): unknown;
  /** Before a batch, counted from 0 in each epoch. */
  onBatchBegin?(batch: number, logs?: BatchLogs): unknown;
  /** After a batch, with its means. `model.stopTraining = true` ends the fit here. */
  onBatchEnd?(batch: number, logs?: BatchLogs): unknown;
  /**
   * At the first loss of a fit that is NaN or infinite, before its step is made: weights are those that it was computed with.
   * `model.stopTraining = true` ends the fit here, without the step. Also at the first such validation loss, unless there was one before:
   * the fit then ends after that epoch.
   */
  onNonFinite?(report: NonFiniteReport): unknown;
}

/** Hooks in a plain object; any other key is an error. */
export interface CallbackObject extends CallbackHooks {
  /** Called once before onTrainBegin, with the model that is trained. */
  setModel?(model: TrainedModel): void;
  /** Called once before onTrainBegin, with what the fit will do. */
  setParams?(params: CallbackParams): void;
}

/** What fit takes as a callback: an instance, or a plain object with hooks. */
export type CallbackLike = Callback | CallbackObject;

/** A base to extend: override the hooks that you need. */
export class Callback implements CallbackObject {
  /** Set before onTrainBegin. */
  model!: TrainedModel;
  /** Set before onTrainBegin. */
  params!: CallbackParams;

  /** Keeps the model as `model`. */
  setModel(model: TrainedModel): void {
    this.model = model;
  }

  /** Keeps what the fit will do as `params`. */
  setParams(params: CallbackParams): void {
    this.params = params;
  }

  /** Before the first epoch. */
  onTrainBegin(_logs?: Logs): unknown {
    return undefined;
  }

  /** After the last epoch, also where training was stopped early. */
  onTrainEnd(_logs?: Logs): unknown {
    return undefined;
  }

  /** Before an epoch, counted from 0. */
  onEpochBegin(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  /** After an epoch and its validation. What is added to the logs, later callbacks and the history have too. */
  onEpochEnd(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  /** Before a batch, counted from 0 in each epoch. Overriding it makes each batch a run of its own. */
  onBatchBegin(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }

  /** After a batch, with its means. Overriding it makes each batch a run of its own. */
  onBatchEnd(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }

  /**
   * At the first loss of a fit that is NaN or infinite, before its step is made. `model.stopTraining = true` ends the fit here. Also at the
   * first such validation loss, unless there was one before: the fit then ends after that epoch.
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

const checks: OptionChecks = new OptionChecks('callbacks');

/** A plain object may have nothing but hooks; an instance of a class anything but misspelt hooks. */
export function checkCallback(callback: unknown): CallbackLike {
  if (callback === null || typeof callback !== 'object') {
    const remedy = typeof callback === 'function' ? '; pass an instance, new ...()' : '';
    checks.fail('INVALID_ARGUMENT', `${show(callback)} is no callback${remedy}.`);
  }
  const prototype = Object.getPrototypeOf(callback);
  if (prototype === Object.prototype || prototype === null)
    checkHooks(callback, [...HOOK_NAMES, 'setModel', 'setParams']);
  else checkInstance(callback);
  return callback as CallbackLike;
}

/** UNKNOWN_OPTION for a key that isn't known, INVALID_ARGUMENT for a hook that is no function. */
export function checkHooks(hooks: object, known: readonly string[]): void {
  checks.keys(hooks, known);
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook !== undefined && typeof hook !== 'function') {
      checks.fail('INVALID_ARGUMENT', `${name} is ${show(hook)}; it must be a function.`);
    }
  }
}

/** Whether the callback does something at this moment: the base class's empty hooks don't count. */
export function hasHook(callback: CallbackLike, name: HookName): boolean {
  const hook = callback[name];
  return typeof hook === 'function' && hook !== Callback.prototype[name];
}

function checkInstance(callback: object): void {
  const known: readonly string[] = HOOK_NAMES;
  for (let level = callback; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (/^on[A-Z]/.test(name) && !known.includes(name)) {
        checks.fail('UNKNOWN_OPTION', unknownName('hook', name, known));
      }
    }
  }
}
