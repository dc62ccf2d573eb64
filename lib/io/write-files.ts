import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { renameWhenFree } from './rename.js';
import { temporaryPath } from './temporaries.js';

/**
 * Writes the file `path` atomically, and creates its folder if need be. `write` fills a temporary file beside
 * it, which then replaces it. Several processes may do so at once; the last one wins. Rejects with IO_ERROR,
 * and then leaves the old file in place.
 */
export async function writeAtomically(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryPath(path);
  try {
    await mkdir(folder, { recursive: true });
    await write(temporary);
    await sync(temporary, 'r+');
    await renameWhenFree(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(path, error);
  }
}

export function unwritable(path: string, cause: unknown): ConvforgeError {
  return new ConvforgeError('IO_ERROR', `Can't write ${path}: ${(cause as Error).message}.`, { cause });
}

/** Waits until the names in a folder are on disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows can't open folders; its rename is on disk once it returns.
  if (process.platform !== 'win32') await sync(folder, 'r');
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Number of bytes to hash or write before others have their turn in the event loop: a few milliseconds. */
export const BYTES_PER_TURN = 2 ** 20;

/** Writes a new file of these pieces and waits until it is on disk. Resolves to the SHA-256 of its bytes. */
export async function writeSynced(
  path: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for await (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let at = 0; at < bytes.length; at += BYTES_PER_TURN) {
        const part = bytes.subarray(at, at + BYTES_PER_TURN);
        hash.update(part);
        await writeAll(file, part);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
}
