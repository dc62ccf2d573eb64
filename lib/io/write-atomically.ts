import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConvforgeError } from '../errors.js';

/**
 * Makes the file `path`, and its folder if need be, so that it is never seen half written: `write` fills a temporary
 * file beside it, which then takes its place. Several processes may do so at once; the last one wins.
 * Rejects with IO_ERROR, and then leaves what was there before.
 */
export async function writeAtomically(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await write(temporary);
    await sync(temporary, 'r+');
    await rename(temporary, path);
    // Windows can't open folders; its rename is on disk once it returns.
    if (process.platform !== 'win32') await sync(folder, 'r');
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new ConvforgeError('IO_ERROR', `Can't write ${path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
