import { ConvforgeError } from './errors.js';
import { type OptionChecks, show } from './options.js';
import { isAbortSignal } from './realms.js';

/** Reads the option `signal`. Throws INVALID_ARGUMENT. */
export function readSignal(checks: OptionChecks, value: unknown): AbortSignal | undefined {
  if (value !== undefined && !isAbortSignal(value)) {
    checks.fail('INVALID_ARGUMENT', `signal is ${show(value)}; it must be an AbortSignal.`);
  }
  return value;
}

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

export function abortError(signal: AbortSignal): ConvforgeError {
  return new ConvforgeError('ABORTED', 'Aborted by the signal.', { cause: signal.reason });
}

/** The signals that may end a wait. */
export interface WaitEnds {
  /** The caller's signal. The wait rejects with ABORTED. */
  signal?: AbortSignal;
  /** The model's signal (see ModelState.disposal). The wait rejects with its reason. */
  disposal?: AbortSignal;
}

/** Settles as `result`, unless one of the signals fires first. */
export async function untilAborted<T>(
  result: T | PromiseLike<T>,
  { signal, disposal }: WaitEnds,
): Promise<T> {
  let stop = () => {};
  const ended = new Promise<never>((_resolve, reject) => {
    const onAbort = () => signal && reject(abortError(signal));
    const onDisposal = () => reject(disposal?.reason);
    signal?.addEventListener('abort', onAbort);
    disposal?.addEventListener('abort', onDisposal);
    stop = () => {
      signal?.removeEventListener('abort', onAbort);
      disposal?.removeEventListener('abort', onDisposal);
    };
    // The function that made `result` may have fired them before there were listeners.
    if (disposal?.aborted) onDisposal();
    if (signal?.aborted) onAbort();
  });
  try {
    return await Promise.race([result, ended]);
  } finally {
    stop();
  }
}
