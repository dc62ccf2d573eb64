import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import type { JsonObject } from './read-model-json.js';

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

const WEIGHTS_FILE = 'weights.bin';

/**
 * Writes a model.json of these keys and a weights.bin of these pieces. Creates the folder if need be. Each
 * file is replaced atomically, model.json last. Rejects with IO_ERROR.
 */
export async function writeFolder(
  folder: string,
  json: JsonObject,
  weightSpecs: readonly unknown[],
  pieces: readonly Uint8Array[],
): Promise<void> {
  const { modelTopology, ...rest } = json;
  const weightsManifest = [{ paths: [WEIGHTS_FILE], weights: weightSpecs }];
  const text = JSON.stringify({ modelTopology, ...rest, weightsManifest });
  await writeAtomically(join(folder, WEIGHTS_FILE), (path) => writeAll(path, pieces));
  await writeAtomically(join(folder, 'model.json'), (path) => writeAll(path, [`${text}\n`]));
}

async function writeAll(path: string, pieces: readonly (Uint8Array | string)[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const piece of pieces) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}
