import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { allocateBytes } from '../io/bytes.js';
import { corrupt, unreadable, unsupported } from '../io/failures.js';
import { checkFile } from '../io/locations.js';
import { show } from '../options.js';
import type { TensorMessage } from './messages.js';
import { isExternal, type ReadExternal, tensorLabel } from './tensors.js';

/** Bytes to read at a time. */
const CHUNK = 2 ** 24;

/** Reads a file beside a model, in its folder. */
export type ReadBeside = (location: string) => Promise<Uint8Array>;

/** Reads files in the folder of `path`. */
export function filesBeside(path: string): ReadBeside {
  return (location) => readWithin(path, dirname(path), location);
}

/**
 * Reads the files beside a model that hold weights. `beside` is undefined for a model that is given as bytes.
 * Rejects with CORRUPT_FILE for locations outside of the model's folder and for links, IO_ERROR, and UNSUPPORTED
 * where there is no folder.
 */
export async function readExternalData(
  file: string,
  beside: ReadBeside | undefined,
  tensors: Iterable<TensorMessage>,
): Promise<ReadExternal> {
  const files = new Map<string, Uint8Array>();
  for (const tensor of tensors) {
    if (!isExternal(tensor)) continue;
    const location = checkedLocation(file, tensor);
    if (!beside) {
      throw unsupported(
        file,
        `${tensorLabel(tensor)} lies in the file ${show(location)} beside the model; give the model's path instead of bytes`,
      );
    }
    if (!files.has(location)) files.set(location, await beside(location));
  }
  return (tensor, byteLength) => {
    const bytes = files.get(checkedLocation(file, tensor)) as Uint8Array;
    const offset = entryOf(file, tensor, 'offset') ?? 0;
    const length = entryOf(file, tensor, 'length') ?? byteLength;
    if (length !== byteLength)
      throw corrupt(
        file,
        `${tensorLabel(tensor)} needs ${byteLength} bytes, but its external data has ${length}`,
      );
    if (offset + length > bytes.length)
      throw corrupt(
        file,
        `${tensorLabel(tensor)} has external data up to byte ${offset + length} of a file of ${bytes.length} bytes`,
      );
    return bytes.subarray(offset, offset + length);
  };
}

function checkedLocation(file: string, tensor: TensorMessage): string {
  const location = tensor.externalData.find(({ key }) => key === 'location')?.value;
  if (location === undefined || location === '')
    throw corrupt(file, `${tensorLabel(tensor)} has external data without a location`);
  const parts = location.split(/[/\\]/);
  if (isAbsolute(location) || parts.includes('..') || /[\\:\0]/.test(location)) {
    throw corrupt(
      file,
      `${tensorLabel(tensor)} has external data at ${show(location)}, which may lie outside of the model's folder`,
    );
  }
  return normalize(location);
}

function entryOf(file: string, tensor: TensorMessage, key: string): number | undefined {
  const entry = tensor.externalData.find((each) => each.key === key);
  if (!entry) return undefined;
  const number = /^\d+$/.test(entry.value ?? '') ? Number(entry.value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw corrupt(file, `${tensorLabel(tensor)} has external data whose ${key} is ${show(entry.value)}`);
}

/** Links are refused: they could lead out of the folder. */
async function readWithin(file: string, folder: string, location: string): Promise<Uint8Array> {
  const path = join(folder, location);
  const [realFolder, real] = await Promise.all([realpath(folder), realpath(path)]).catch((error) => {
    throw unreadable(path, error);
  });
  if (real !== join(realFolder, location))
    throw corrupt(
      file,
      `its external data ${show(location)} is a link, which isn't followed; put the file itself into the model's folder`,
    );
  const handle = await open(path).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const found = await handle.stat();
    checkFile(path, found);
    if (found.size > 2 ** 32 - 1)
      throw new ConvforgeError(
        'TOO_LARGE',
        `${path}: it has ${found.size} bytes; the most is ${2 ** 32 - 1}.`,
      );
    const bytes = new Uint8Array(allocateBytes(found.size, path));
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, filled, Math.min(CHUNK, bytes.length - filled), filled);
      if (bytesRead === 0) throw corrupt(path, 'it ends too early');
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
