import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, otherKind, unreadable } from './failures.js';
import { kindOfFile } from './file-kinds.js';
import { checkFile } from './locations.js';
import { storedBytes, type WeightGroup } from './manifest.js';
import type { ByteReader } from './weight-values.js';

interface Shard {
  path: string;
  file: FileHandle;
  size: number;
}

/**
 * Calls `read` with a reader of a group's weights, in order. First checks that the files lie in model.json's
 * folder, also after following links, and have exactly as many bytes as the weights.
 */
export async function readGroup(
  modelJson: string,
  group: WeightGroup,
  read: (reader: ByteReader) => Promise<void>,
): Promise<void> {
  const shards: Shard[] = [];
  try {
    for (const path of group.paths) shards.push(await openShard(modelJson, path));
    await checkSize(modelJson, group, shards);
    await read(new ShardReader(shards));
  } finally {
    await Promise.all(shards.map((shard) => shard.file.close()));
  }
}

async function openShard(modelJson: string, written: string): Promise<Shard> {
  const folder = dirname(modelJson);
  const parts = written.split(/[\\/]/);
  if (
    written === '' ||
    written.includes('\0') ||
    isAbsolute(written) ||
    /^[a-z]:/i.test(written) ||
    parts.includes('..')
  ) {
    throw corrupt(modelJson, `the weights file ${show(written)} is outside the model's folder`);
  }
  const path = join(folder, written);
  try {
    const target = await realpath(path);
    const inside = relative(await realpath(folder), target);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw corrupt(modelJson, `the weights file ${show(written)} is a link out of the model's folder`);
    }
    checkFile(path, await stat(target));
    const file = await open(target);
    return { path, file, size: (await file.stat()).size };
  } catch (error) {
    throw error instanceof ConvforgeError ? error : unreadable(path, error);
  }
}

async function checkSize(modelJson: string, group: WeightGroup, shards: readonly Shard[]): Promise<void> {
  const needed = group.weights.reduce((sum, entry) => sum + storedBytes(entry), 0);
  const found = shards.reduce((sum, shard) => sum + shard.size, 0);
  if (needed === found) return;
  for (const { path, file } of shards) {
    const kind = await kindOfFile(file).catch(() => undefined);
    if (kind) throw otherKind(path, kind);
  }
  throw corrupt(
    modelJson,
    `its weights need ${needed} bytes, but ${group.paths.map(show).join(', ')} ${group.paths.length === 1 ? 'has' : 'have'} ${found}`,
  );
}

/** Reads several files as one. */
class ShardReader implements ByteReader {
  #shard = 0;
  #position = 0;

  constructor(private readonly shards: readonly Shard[]) {}

  async fill(bytes: Uint8Array): Promise<void> {
    for (let filled = 0; filled < bytes.length; ) {
      const shard = this.shards[this.#shard];
      const length = Math.min(bytes.length - filled, shard.size - this.#position);
      if (length === 0) {
        this.#shard++;
        this.#position = 0;
        continue;
      }
      const { bytesRead } = await shard.file.read(bytes, filled, length, this.#position).catch((error) => {
        throw unreadable(shard.path, error);
      });
      if (bytesRead === 0) throw corrupt(shard.path, 'it was truncated while being read');
      filled += bytesRead;
      this.#position += bytesRead;
    }
  }
}
