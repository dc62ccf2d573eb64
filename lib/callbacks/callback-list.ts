import type { LayersModel } from '../models/layers-model.js';
import type { TrainingClaim } from '../models/model-state.js';
import { abortError } from '../program/samples.js';
import type { Logs } from '../training/logs.js';
import type { BatchLogs, CallbackLike, CallbackParams } from './callback.js';
import { checkCallback, hasHook } from './hooks.js';

/** Calls hooks in the order of the list, each awaited before the next. An abort ends the wait for one that never settles. */
export class CallbackList {
  readonly #callbacks: readonly CallbackLike[];
  readonly #claim: TrainingClaim;
  readonly #signal?: AbortSignal;
  /** Whether any callback wants to be called for each batch. */
  readonly wantsBatches: boolean;

  /** `claim` is paused while hooks run, so that they can read and write weights. */
  constructor(callbacks: readonly CallbackLike[], claim: TrainingClaim, signal?: AbortSignal) {
    this.#callbacks = callbacks.map(checkCallback);
    this.#claim = claim;
    this.#signal = signal;
    this.wantsBatches = this.#callbacks.some(
      (callback) => hasHook(callback, 'onBatchBegin') || hasHook(callback, 'onBatchEnd'),
    );
  }

  prepare(model: LayersModel, params: CallbackParams): void {
    for (const callback of this.#callbacks) {
      callback.setParams?.(params);
      callback.setModel?.(model);
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

  #call(hook: (callback: CallbackLike) => unknown): Promise<void> {
    return this.#claim.pause(async () => {
      for (const callback of this.#callbacks) await this.#untilAborted(hook(callback));
    });
  }

  async #untilAborted(result: unknown): Promise<void> {
    const signal = this.#signal;
    if (!signal) {
      await result;
      return;
    }
    let onAbort = () => {};
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(abortError(signal));
      signal.addEventListener('abort', onAbort);
      // The hook itself may have aborted, before anybody listened.
      if (signal.aborted) onAbort();
    });
    try {
      await Promise.race([result, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
