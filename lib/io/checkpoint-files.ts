import { createHash } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { VERSION } from '../version.js';
import { corrupt, unreadable, unsupported } from './failures.js';
import {
  type ArrayEntry,
  bytesPerElement,
  isArrayKind,
  kindOf,
  newArray,
  type PackedState,
  type StoredArray,
  unpack,
} from './packed-state.js';
import { isObject, type JsonObject } from './read-model-json.js';
import { readShards } from './shards.js';
import { syncFolder, writeSynced } from './write-files.js';

const FORMAT = 'convforge-checkpoint';

/** The version of the format. Others are refused. */
const FORMAT_VERSION = 1;

const MANIFEST = 'manifest.json';
const ARRAYS = 'arrays.bin';

/** Maximum size of a manifest in bytes. That of a training of 10^5 epochs takes some 10 MiB. */
const MAX_MANIFEST = 64 * 2 ** 20;

/** The manifest begins with the SHA-256 of all that follows. */
const PREFIX = /^\{"sha256":"([0-9a-f]{64})",\n$/;
const PREFIX_LENGTH = 78;

/**
 * Writes packed data as a new folder: the arrays one after another in arrays.bin, the rest in
 * manifest.json. Waits until all is on disk. Rejects with TOO_LARGE for a manifest that could not be read.
 */
export async function writeCheckpointFiles(folder: string, { json, arrays }: PackedState): Promise<void> {
  await mkdir(folder);
  const bytes = arrays.map(bytesOf);
  const sha256 = await writeSynced(join(folder, ARRAYS), bytes);
  const entries = arrays.map((array): ArrayEntry => [kindOf(array) as ArrayEntry[0], array.length]);
  const content = {
    format: FORMAT,
    version: FORMAT_VERSION,
    generatedBy: `convforge ${VERSION}`,
    arrays: { file: ARRAYS, sha256, entries },
    data: json,
  };
  const rest = `"content":${JSON.stringify(content)}}\n`;
  const size = PREFIX_LENGTH + Buffer.byteLength(rest);
  if (size > MAX_MANIFEST) {
    throw new ConvforgeError(
      'TOO_LARGE',
      `The manifest of the checkpoint would have ${size} bytes, and it may have ${MAX_MANIFEST}; callbacks must return long lists of numbers as typed arrays.`,
    );
  }
  const checksum = createHash('sha256').update(rest).digest('hex');
  await writeSynced(join(folder, MANIFEST), [`{"sha256":"${checksum}",\n`, rest]);
  await syncFolder(folder);
}

/**
 * Reads what writeCheckpointFiles wrote. Rejects with CORRUPT_FILE, naming the file, if any byte isn't as it
 * was written; UNSUPPORTED for another version; IO_ERROR; OUT_OF_MEMORY.
 */
export async function readCheckpointFiles(folder: string): Promise<JsonObject> {
  const path = join(folder, MANIFEST);
  const { version, arrays: stored, data } = parseManifest(path, await readManifest(path));
  if (version !== FORMAT_VERSION) {
    throw unsupported(
      path,
      `this checkpoint has version ${version} of the format, and this convforge reads version ${FORMAT_VERSION}; resume with the convforge that wrote it`,
    );
  }
  const { sha256, entries } = isObject(stored) ? stored : {};
  if (typeof sha256 !== 'string' || !Array.isArray(entries) || !entries.every(isEntry))
    throw corrupt(path, 'it has no list of arrays');
  const arrays = await readArrays(join(folder, ARRAYS), sha256, entries);
  try {
    const unpacked = unpack({ json: data, arrays });
    if (isObject(unpacked)) return unpacked;
  } catch (error) {
    throw corrupt(path, (error as Error).message, error);
  }
  throw corrupt(path, 'it has no data');
}

async function readManifest(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_MANIFEST) throw corrupt(path, `it has ${size} bytes, more than a manifest may have`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw missing(path, error);
  }
}

/** A file that is missing was there, so the checkpoint is damaged. */
function missing(path: string, error: unknown): ConvforgeError {
  if (error instanceof ConvforgeError) return error;
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? corrupt(path, 'it is missing', error)
    : unreadable(path, error);
}

function parseManifest(path: string, text: string): JsonObject {
  const [, checksum] = PREFIX.exec(text.slice(0, PREFIX_LENGTH)) ?? [];
  const rest = text.slice(PREFIX_LENGTH);
  if (checksum === undefined || createHash('sha256').update(rest).digest('hex') !== checksum)
    throw corrupt(path, 'it is truncated or was changed: its SHA-256 is another one');
  try {
    const { content } = JSON.parse(`{${rest}`);
    if (isObject(content) && content.format === FORMAT) return content;
  } catch (error) {
    throw corrupt(path, 'it is not valid JSON', error);
  }
  throw corrupt(path, 'it is no manifest of a checkpoint');
}

function isEntry(entry: unknown): entry is ArrayEntry {
  return (
    Array.isArray(entry) &&
    isArrayKind(entry[0]) &&
    Number.isSafeInteger(entry[1]) &&
    (entry[1] as number) >= 0
  );
}

async function readArrays(
  path: string,
  checksum: string,
  entries: readonly ArrayEntry[],
): Promise<StoredArray[]> {
  const file = await open(path).catch((error) => {
    throw missing(path, error);
  });
  try {
    const { size } = await file.stat();
    const needed = entries.reduce((sum, [kind, length]) => sum + length * bytesPerElement(kind), 0);
    if (size !== needed) throw corrupt(path, `it has ${size} bytes instead of ${needed}`);
    const arrays: StoredArray[] = [];
    await readShards([{ path, file, size, checksum }], async (reader) => {
      for (const [kind, length] of entries) {
        const array = allocate(path, kind, length);
        await reader.fill(bytesOf(array));
        arrays.push(array);
      }
    });
    return arrays;
  } finally {
    await file.close();
  }
}

function allocate(path: string, kind: ArrayEntry[0], length: number): StoredArray {
  try {
    return newArray(kind, length);
  } catch (cause) {
    throw new ConvforgeError('OUT_OF_MEMORY', `${path}: there is no memory for ${length} numbers of it.`, {
      cause,
    });
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: StoredArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
