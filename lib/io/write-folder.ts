import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from './read-model-json.js';
import { writeAtomically } from './write-atomically.js';

const WEIGHTS_FILE = 'weights.bin';

/**
 * Writes a model.json of these keys, and weights.bin of these pieces. The folder is made if need be. Each file takes its place whole,
 * model.json last. Rejects with IO_ERROR.
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
