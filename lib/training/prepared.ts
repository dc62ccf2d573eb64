import { untilAborted } from '../aborts.js';
import type { ModelState } from '../network/model-state.js';
import type { Shape } from '../program/description.js';
import type { Samples } from '../program/engine.js';
import { disposeSamples } from '../program/samples.js';
import { failedPending, type Pending } from '../tensor/pending-tensor.js';

/**
 * Resolves once a program for inputs of these shapes is ready: see ModelState.prepare. Undefined if it is, so
 * that the caller goes on in the same turn. Rejects with ABORTED or DISPOSED. `start`: see there.
 */
export function untilPrepared(
  state: ModelState,
  inputShapes: readonly Shape[] | undefined,
  signal?: AbortSignal,
  start?: () => void,
): Promise<unknown> | undefined {
  const ready = state.prepare(inputShapes, start);
  return ready && untilAborted(ready, { signal, disposal: state.disposal });
}

/**
 * Starts a job on samples once a program for inputs of these shapes is ready, which is at once unless there are
 * many weights to draw or copy. Disposes of the samples, which the job keeps until it ends.
 */
export function whenPrepared<T>(
  state: ModelState,
  inputShapes: readonly Shape[],
  samples: readonly Samples[],
  signal: AbortSignal | undefined,
  start: () => Pending<T>,
): Pending<T> {
  const begin = () => {
    try {
      return start();
    } finally {
      disposeSamples(samples);
    }
  };
  let job: Pending<T> | undefined;
  const startOnce = () => {
    try {
      job ??= begin();
    } catch (error) {
      job = failedPending(error);
    }
    return job;
  };
  try {
    const ready = untilPrepared(state, inputShapes, signal, () => void startOnce());
    if (!ready) return begin();
    ready.catch(() => disposeSamples(samples));
    const promise = ready.then(() => startOnce().promise);
    // Whoever awaits the result gets the error.
    promise.catch(() => undefined);
    const wait = () => {
      state.finishPreparation();
      return startOnce().wait();
    };
    return { promise, wait };
  } catch (error) {
    disposeSamples(samples);
    throw error;
  }
}
