import { abortError, throwIfAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { currentMemoryBudget } from '../program/addon.js';
import { isError } from '../realms.js';
import { allocateBytes, byteLength, MemoryReader } from './bytes.js';
import { PEEKED_BYTES } from './file-kinds.js';

/** Maximum number of bytes of a file that is fetched, whatever memory there is. */
const MAX_BYTES = 2 ** 32 - 1;

export interface FetchOptions {
  /** Maximum number of bytes, by the first ones. It is called once, with up to 64 KiB or more. */
  limit: (head: Uint8Array) => number;
  signal?: AbortSignal;
}

/** Whether this is the URL of something that a server has. */
export function isHttp(location: unknown): location is string {
  return typeof location === 'string' && /^https?:\/\//i.test(location);
}

/** The URL in messages: without what may be secret. Throws INVALID_ARGUMENT. */
export function labelOfUrl(url: string, what: string): string {
  if (!URL.canParse(url)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: ${show(url)} is no URL; give one such as 'https://example.org/model.json'.`,
    );
  }
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The URL of a file in the folder of `url`, with its query. `path` must not lead out of the folder. */
export function urlBeside(url: string, path: string): string {
  const beside = new URL(url);
  const folder = beside.pathname.slice(0, beside.pathname.lastIndexOf('/') + 1);
  beside.pathname = folder + path.split('/').map(encodeURIComponent).join('/');
  return beside.href;
}

/** Maximum number of bytes of a file that holds weights. */
export function memoryLimit(): number {
  return Math.min(MAX_BYTES, currentMemoryBudget());
}

/**
 * Fetches a file whole. Rejects with IO_ERROR, also for an answer other than success; TOO_LARGE as soon as it
 * exceeds the limit, whatever the server declares; ABORTED; OUT_OF_MEMORY.
 *
 * @param label The file's name in messages.
 */
export async function fetchBytes(url: string, label: string, options: FetchOptions): Promise<Uint8Array> {
  const { signal } = options;
  throwIfAborted(signal);
  const ended = new AbortController();
  const stop = () => ended.abort();
  signal?.addEventListener('abort', stop);
  try {
    return await joined(await fetchPieces(url, label, { ...options, signal: ended.signal }), label);
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    if (error instanceof ConvforgeError) throw error;
    throw new ConvforgeError('IO_ERROR', `Can't fetch ${label}: ${reasonOf(error)}.`, { cause: error });
  } finally {
    signal?.removeEventListener('abort', stop);
    // Ends the transfer of a body that was refused.
    stop();
  }
}

async function fetchPieces(
  url: string,
  label: string,
  { limit, signal }: FetchOptions,
): Promise<Uint8Array[]> {
  const { ok, status, body } = await fetch(url, { signal });
  if (!ok || body === null) {
    throw new ConvforgeError('IO_ERROR', `Can't fetch ${label}: the server answers ${status}.`);
  }
  const pieces: Uint8Array[] = [];
  let total = 0;
  let most: number | undefined;
  for await (const piece of body) {
    pieces.push(piece);
    total += piece.length;
    if (total >= PEEKED_BYTES) most ??= limit(await joined(pieces, label));
    if (most !== undefined && total > most) throw tooLarge(label, most);
  }
  most ??= limit(await joined(pieces, label));
  if (total > most) throw tooLarge(label, most);
  return pieces;
}

function tooLarge(label: string, most: number): ConvforgeError {
  return new ConvforgeError(
    'TOO_LARGE',
    `${label}: the server sends more than the ${most} bytes it may have.`,
  );
}

async function joined(pieces: readonly Uint8Array[], label: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(allocateBytes(byteLength(pieces), label));
  await new MemoryReader(pieces, label).fill(bytes);
  return bytes;
}

/** fetch keeps the system's error, such as ENOTFOUND, in `cause`. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return show(error);
  const { cause, message } = error;
  if (!isError(cause)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}
