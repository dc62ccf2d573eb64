import { stat } from 'node:fs/promises';
import { findModelJson } from './locations.js';
import { readManifest, type WeightGroup } from './manifest.js';
import { type JsonObject, type ModelFormat, readModelJson } from './read-model-json.js';
import { checkSize, closeShards, openShards, readShards, type Shard } from './shards.js';
import type { ByteReader } from './weight-values.js';

/**
 * A model's files, all opened while they belonged together: a save that replaces them doesn't matter any
 * more.
 */
export interface ModelFiles {
  /** Path of model.json. */
  path: string;
  /** Contents of model.json. */
  json: JsonObject;
  groups: readonly WeightGroup[];
  /** Calls `read` with a reader of a group's weights, in order. Rejects if its files couldn't be opened. */
  readGroup(group: WeightGroup, read: (reader: ByteReader) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** How often to open a model again that is being replaced. */
const MAX_ATTEMPTS = 1000;

/** Opens a model by the path of its folder or of its model.json. Rejects with IO_ERROR, CORRUPT_FILE, ... */
export async function openModelFiles(
  location: string,
  formats?: readonly ModelFormat[],
): Promise<ModelFiles> {
  const path = await findModelJson(location);
  for (let attempt = 1; ; attempt++) {
    const version = await versionOf(path);
    const json = await readModelJson(path, formats);
    const groups = readManifest(path, json);
    const shards = new Map<WeightGroup, Shard[]>();
    let failure: { error: unknown } | undefined;
    try {
      for (const group of groups) shards.set(group, await openShards(path, group));
    } catch (error) {
      failure = { error };
    }
    const close = async () => closeShards([...shards.values()].flat());
    if (failure && attempt < MAX_ATTEMPTS && (await versionOf(path)) !== version) {
      await close();
      continue;
    }
    const readGroup: ModelFiles['readGroup'] = async (group, read) => {
      const opened = shards.get(group);
      if (!opened) throw failure?.error;
      await checkSize(path, group, opened);
      await readShards(opened, read);
    };
    return { path, json, groups, readGroup, close };
  }
}

/** Changes whenever another file takes the path. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return `${found?.ino} ${found?.mtimeNs} ${found?.size}`;
}
