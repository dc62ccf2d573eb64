import { abortError } from '../program/samples.js';

/** What may end a wait. */
export interface WaitEnds {
  /** The caller's: rejects with ABORTED. */
  signal?: AbortSignal;
  /** The model's, see ModelState.disposal: rejects with its reason. */
  disposal?: AbortSignal;
}

/** What `result` settles with, unless one of the signals fires before. */
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
    // What gave the result may have fired them, before anybody listened.
    if (disposal?.aborted) onDisposal();
    if (signal?.aborted) onAbort();
  });
  try {
    return await Promise.race([result, ended]);
  } finally {
    stop();
  }
}
