import { abortError } from '../program/samples.js';

/** What `result` settles with, unless the signal fires before: then it rejects with ABORTED. */
export async function untilAborted<T>(
  result: T | PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return result;
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(abortError(signal));
    signal.addEventListener('abort', onAbort);
    // What gave the result may have aborted, before anybody listened.
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
