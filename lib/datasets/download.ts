import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import type { ImageSet, KnownFile } from './image-set.js';

/** Timeouts in milliseconds. */
export interface Patience {
  /** Until the server answers. Short, so that a missing network is noticed soon. */
  answer: number;
  /** Until the next byte. */
  silence: number;
  /** Until the file is complete. */
  file: number;
}

const PATIENCE: Patience = { answer: 5_000, silence: 15_000, file: 600_000 };

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
  patience = PATIENCE,
): Promise<void> {
  for (const file of Object.values(set.files)) {
    const name = `${file.name}.gz`;
    try {
      await downloadFile(file, address + name, join(folder, name), patience);
    } catch (cause) {
      throw new ConvforgeError('DATASET_NOT_FOUND', `${name}: ${reasonOf(cause as Error)}`, { cause });
    }
  }
}

async function downloadFile(file: KnownFile, url: string, path: string, patience: Patience): Promise<void> {
  const controller = new AbortController();
  const timer = (what: string, milliseconds: number) =>
    setTimeout(() => controller.abort(new Error(`${what} within ${milliseconds / 1000} s`)), milliseconds);
  const whole = timer('not complete', patience.file);
  let silence = timer('no answer', patience.answer);

  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || response.body === null) {
      throw new Error(`the server answers ${response.status} ${response.statusText}`);
    }
    const most = file.size + GZIP_OVERHEAD;
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(silence);
      silence = timer('no more data', patience.silence);
      received += chunk.length;
      if (received > most) throw new Error(`more than the ${most} bytes that it can have`);
      await appendFile(path, chunk);
    }
  } finally {
    clearTimeout(whole);
    clearTimeout(silence);
    controller.abort();
  }
}

/** fetch keeps the system's error, such as ENOTFOUND, in `cause`. */
function reasonOf({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}
