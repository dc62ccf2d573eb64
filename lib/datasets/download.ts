import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { isError } from '../realms.js';
import type { ImageSet, KnownFile } from './image-set.js';

/** Timeouts in milliseconds. */
export interface Timeouts {
  /** Until the server answers. Short, so that a missing network is noticed soon. */
  answer: number;
  /** Until the next byte. */
  idle: number;
  /** Until the file is complete. */
  file: number;
}

const TIMEOUTS: Timeouts = { answer: 5_000, idle: 15_000, file: 600_000 };

/** More bytes than gzip can add to incompressible data. */
const GZIP_OVERHEAD = 65_536;

/**
 * Downloads the set's .gz files from `address`, which must end in '/', into `folder`. Doesn't check their
 * content.
 *
 * @throws DATASET_NOT_FOUND with the reason.
 */
export async function download(
  set: ImageSet,
  address: string,
  folder: string,
  timeouts = TIMEOUTS,
): Promise<void> {
  for (const file of Object.values(set.files)) {
    const name = `${file.name}.gz`;
    try {
      await downloadFile(file, address + name, join(folder, name), timeouts);
    } catch (cause) {
      throw new ConvforgeError('DATASET_NOT_FOUND', `${name}: ${reasonOf(cause as Error)}`, { cause });
    }
  }
}

async function downloadFile(file: KnownFile, url: string, path: string, timeouts: Timeouts): Promise<void> {
  const controller = new AbortController();
  const timer = (what: string, milliseconds: number) =>
    setTimeout(() => controller.abort(new Error(`${what} within ${milliseconds / 1000} s`)), milliseconds);
  const total = timer('not complete', timeouts.file);
  let waiting = timer('no answer', timeouts.answer);

  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || response.body === null) {
      throw new Error(`the server answers ${response.status} ${response.statusText}`);
    }
    const most = file.size + GZIP_OVERHEAD;
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(waiting);
      waiting = timer('no more data', timeouts.idle);
      received += chunk.length;
      if (received > most) throw new Error(`more than the ${most} bytes that it can have`);
      await appendFile(path, chunk);
    }
  } finally {
    clearTimeout(total);
    clearTimeout(waiting);
    controller.abort();
  }
}

/** fetch keeps the system's error, such as ENOTFOUND, in `cause`. */
function reasonOf({ message, cause }: Error): string {
  if (!isError(cause)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}
