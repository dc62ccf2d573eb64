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

/** The processes of a fit, which agree when its callbacks have run. */
export interface CallbackRanks {
  /** Whether this is rank 0, which prints. */
  readonly isFirst: boolean;
  /** Whether they have agreed to end the fit. */
  readonly stops: boolean;
  agree(): Promise<void>;
}

/** Calls the hooks of callbacks in list order, and awaits each before the next. */
export class CallbackList {
  readonly #callbacks: readonly CallbackLike[];
  readonly #claim: TrainingClaim;
  readonly #ends: WaitEnds;
  readonly #ranks?: CallbackRanks;
  #model?: TrainedModel;
  /** Whether any callback wants to be called for each batch. */
  wantsBatches: boolean;

  /**
   * `claim` is paused while hooks run, so that they can read and write weights. `ends` end the wait for a
   * hook that never settles.
   */
  constructor(
    callbacks: readonly CallbackLike[],
    claim: TrainingClaim,
    ends: WaitEnds,
    ranks?: CallbackRanks,
  ) {
    this.#callbacks = callbacks.map(checkCallback);
    this.#claim = claim;
    this.#ends = ends;
    this.#ranks = ranks;
    this.wantsBatches = this.#callbacks.some(
      (callback) => hasHook(callback, 'onBatchBegin') || hasHook(callback, 'onBatchEnd'),
    );
  }

  /** Whether the fit must end: `model.stopTraining`, or what all ranks know of it. */
  get stopsTraining(): boolean {
    return this.#ranks ? this.#ranks.stops : this.#model?.stopTraining === true;
  }

  /** Whether this process prints. */
  get prints(): boolean {
    return this.#ranks?.isFirst !== false;
  }

  prepare(model: TrainedModel, params: Omit<CallbackParams, 'mayHaveOthers'>): void {
    this.#model = model;
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

  async trainBegin(): Promise<void> {
    await this.#call((callback) => callback.onTrainBegin?.({}));
    await this.#ranks?.agree();
  }

  trainEnd(): Promise<void> {
    return this.#call((callback) => callback.onTrainEnd?.({}));
  }

  epochBegin(epoch: number): Promise<void> {
    return this.#call((callback) => callback.onEpochBegin?.(epoch, {}));
  }

  async epochEnd(epoch: number, logs: Logs): Promise<void> {
    await this.#call((callback) => callback.onEpochEnd?.(epoch, logs));
    await this.#ranks?.agree();
  }

  batchBegin(batch: number, logs: BatchLogs): Promise<void> {
    return this.#call((callback) => callback.onBatchBegin?.(batch, logs));
  }

  async batchEnd(batch: number, logs: BatchLogs): Promise<void> {
    await this.#call((callback) => callback.onBatchEnd?.(batch, logs));
    if (this.wantsBatches) await this.#ranks?.agree();
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

  async nonFinite(report: NonFiniteReport): Promise<void> {
    await this.#call((callback) => callback.onNonFinite?.(report));
    await this.#ranks?.agree();
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
