import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, otherKind, unreadable } from './failures.js';
import { kindOfFile } from './file-kinds.js';
import { checkFile } from './locations.js';
import { storedBytes, type WeightGroup } from './manifest.js';
import type { ByteReader } from './weight-values.js';
import { BYTES_PER_TURN } from './write-files.js';

/** An open weights file. */
export interface Shard {
  path: string;
  file: FileHandle;
  size: number;
  /** SHA-256 that its bytes must have; absent if model.json tells none. */
  checksum?: string;
}

/**
 * Opens the files of a group's weights. Checks that they lie in model.json's folder, also after following
 * links.
 */
export async function openShards(modelJson: string, group: WeightGroup): Promise<Shard[]> {
  const shards: Shard[] = [];
  try {
    for (const [i, path] of group.paths.entries())
      shards.push({ ...(await openShard(modelJson, path)), checksum: group.checksums?.[i] });
    return shards;
  } catch (error) {
    await closeShards(shards);
    throw error;
  }
}

export async function closeShards(shards: readonly Shard[]): Promise<void> {
  await Promise.all(shards.map((shard) => shard.file.close()));
}

/** Calls `read`, which must read all, with a reader of these files. Then checks their checksums. */
export async function readShards(
  shards: readonly Shard[],
  read: (reader: ByteReader) => Promise<void>,
): Promise<void> {
  const reader = new ShardReader(shards);
  await read(reader);
  reader.end();
}

/** Throws CORRUPT_FILE for the path of a weights file that may lie outside of the model's folder. */
export function checkWeightsPath(modelJson: string, written: string): void {
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
}

async function openShard(modelJson: string, written: string): Promise<Shard> {
  checkWeightsPath(modelJson, written);
  const folder = dirname(modelJson);
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

/** Throws CORRUPT_FILE unless the files have exactly as many bytes as the group's weights. */
export async function checkSize(
  modelJson: string,
  group: WeightGroup,
  shards: readonly Shard[],
): Promise<void> {
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
  #hash: Hash;

  constructor(private readonly shards: readonly Shard[]) {
    this.#hash = createHash('sha256');
  }

  async fill(bytes: Uint8Array): Promise<void> {
    for (let filled = 0; filled < bytes.length; ) {
      const shard = this.shards[this.#shard];
      const length = Math.min(bytes.length - filled, shard.size - this.#position, BYTES_PER_TURN);
      if (length === 0) {
        this.#endShard();
        continue;
      }
      const { bytesRead } = await shard.file.read(bytes, filled, length, this.#position).catch((error) => {
        throw unreadable(shard.path, error);
      });
      if (bytesRead === 0) throw corrupt(shard.path, 'it was truncated while being read');
      if (shard.checksum !== undefined) this.#hash.update(bytes.subarray(filled, filled + bytesRead));
      filled += bytesRead;
      this.#position += bytesRead;
    }
  }

  /** Call when all weights are read. Throws CORRUPT_FILE if a file's checksum is wrong. */
  end(): void {
    while (this.#shard < this.shards.length) this.#endShard();
  }

  #endShard(): void {
    const { checksum, path } = this.shards[this.#shard];
    if (checksum !== undefined && this.#hash.digest('hex') !== checksum) throw otherBytes(path);
    this.#hash = createHash('sha256');
    this.#shard++;
    this.#position = 0;
  }
}

/** Error for a file whose checksum is wrong. */
export function otherBytes(path: string): ConvforgeError {
  return corrupt(
    path,
    "its bytes aren't those that were written: their SHA-256 is another one than was saved with them. Copy or save them again",
  );
}
