import { untilAborted, type WaitEnds } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import type { TrainingClaim } from '../network/model-state.js';
import {
  type BatchLogs,
  Callback,
  type CallbackLike,
  type CallbackParams,
  checkCallback,
  hasHook,
  type Logs,
  type NonFiniteReport,
  type TrainedModel,
} from './callback.js';
import { CSVLogger } from './csv-logger.js';
import { EarlyStopping } from './early-stopping.js';
import { History } from './history.js';
import { LearningRateScheduler } from './learning-rate-scheduler.js';
import { ModelCheckpoint } from './model-checkpoint.js';
import { ReduceLROnPlateau } from './reduce-lr-on-plateau.js';
import { TensorBoard } from './tensor-board/tensor-board.js';

/** What a callback must remember. */
export interface NamedState {
  /** Name of its class. */
  callback: string;
  state: unknown;
}

function nameOf(callback: CallbackLike): string {
  return callback.constructor?.name ?? 'Object';
}

/** Calls the hooks of callbacks in list order, and awaits each before the next. */
export class CallbackList {
  readonly #callbacks: readonly CallbackLike[];
  readonly #claim: TrainingClaim;
  readonly #ends: WaitEnds;
  /** Whether any callback wants to be called for each batch. */
  readonly wantsBatches: boolean;

  /**
   * `claim` is paused while hooks run, so that they can read and write weights. `ends` end the wait for a
   * hook that never settles.
   */
  constructor(callbacks: readonly CallbackLike[], claim: TrainingClaim, ends: WaitEnds) {
    this.#callbacks = callbacks.map(checkCallback);
    this.#claim = claim;
    this.#ends = ends;
    this.wantsBatches = this.#callbacks.some(
      (callback) => hasHook(callback, 'onBatchBegin') || hasHook(callback, 'onBatchEnd'),
    );
  }

  prepare(model: TrainedModel, params: Omit<CallbackParams, 'mayHaveOthers'>): void {
    const metrics = new Set(params.metrics);
    let mayHaveOthers = false;
    for (const callback of this.#callbacks) {
      callback.setParams?.({ ...params, metrics: [...metrics], mayHaveOthers });
      callback.setModel?.(model);
      const added = addedKeys(callback);
      mayHaveOthers ||= added === undefined;
      for (const key of added ?? []) metrics.add(key);
    }
  }

  trainBegin(): Promise<void> {
    return this.#call((callback) => callback.onTrainBegin?.({}));
  }

  trainEnd(): Promise<void> {
    return this.#call((callback) => callback.onTrainEnd?.({}));
  }

  epochBegin(epoch: number): Promise<void> {
    return this.#call((callback) => callback.onEpochBegin?.(epoch, {}));
  }

  epochEnd(epoch: number, logs: Logs): Promise<void> {
    return this.#call((callback) => callback.onEpochEnd?.(epoch, logs));
  }

  batchBegin(batch: number, logs: BatchLogs): Promise<void> {
    return this.#call((callback) => callback.onBatchBegin?.(batch, logs));
  }

  batchEnd(batch: number, logs: BatchLogs): Promise<void> {
    return this.#call((callback) => callback.onBatchEnd?.(batch, logs));
  }

  /** What the callbacks must remember, in their order. Those of one class are told apart by it. */
  async states(): Promise<NamedState[]> {
    const states: NamedState[] = [];
    await this.#call(async (callback) => {
      const state = await callback.getState?.();
      if (state !== undefined) states.push({ callback: nameOf(callback), state });
    });
    return states;
  }

  /** Gives each callback its state. Callbacks without one, and states without a callback, are left out. */
  restore(states: readonly NamedState[]): Promise<void> {
    const left = [...states];
    return this.#call(async (callback) => {
      const name = nameOf(callback);
      const index = left.findIndex((each) => each.callback === name);
      if (!callback.setState || index < 0) return;
      const [{ state }] = left.splice(index, 1);
      try {
        await callback.setState(state);
      } catch (error) {
        if (error instanceof ConvforgeError) throw error;
        const message = `${name} can't take its state from the checkpoint: ${(error as Error)?.message}`;
        throw new ConvforgeError('INVALID_ARGUMENT', `callbacks: ${message}.`, { cause: error });
      }
    });
  }

  nonFinite(report: NonFiniteReport): Promise<void> {
    return this.#call((callback) => callback.onNonFinite?.(report));
  }

  /** Waits for `during` as for a hook, with the weights open to others. */
  pause<T>(during: () => T | PromiseLike<T>): Promise<T> {
    return this.#claim.pause(async () => untilAborted(during(), this.#ends));
  }

  #call(hook: (callback: CallbackLike) => unknown): Promise<void> {
    return this.#claim.pause(async () => {
      for (const callback of this.#callbacks) await untilAborted(hook(callback), this.#ends);
    });
  }
}

/**
 * Log keys that each built-in onEpochEnd adds. Overrides in subclasses aren't listed, as they may add more.
 */
const ADDED = new Map<unknown, readonly string[]>([
  [undefined, []],
  [LearningRateScheduler.prototype.onEpochEnd, ['learningRate']],
  [ReduceLROnPlateau.prototype.onEpochEnd, ['learningRate']],
  ...[Callback, CSVLogger, EarlyStopping, History, ModelCheckpoint, TensorBoard].map(
    ({ prototype }) => [prototype.onEpochEnd, []] as const,
  ),
]);

/** The keys that a callback adds to an epoch's logs; undefined if unknown. */
function addedKeys(callback: CallbackLike): readonly string[] | undefined {
  return ADDED.get(callback.onEpochEnd);
}
