import type { Entry, ZipFile } from 'yauzl';
import { ConvforgeError } from '../errors.js';
import { turnOfEventLoop } from '../program/sliced-work.js';
import { isError } from '../realms.js';
import { joinBytes } from './bytes.js';
import { crc32 } from './crc.js';
import { corrupt, unsupported } from './failures.js';
import { BYTES_PER_TURN } from './write-files.js';

const MAX_ENTRIES = 10_000;
/** Maximum number of bytes of all entries together, uncompressed. */
const MAX_BYTES = 2 ** 32;

const STORED = 0;
const DEFLATED = 8;

/**
 * Reads the directory of a zip archive. Each entry is inflated and its CRC checked when its function is called.
 * Entries are never written to disk. Rejects with CORRUPT_FILE and UNSUPPORTED, the functions too.
 *
 * @param file The archive's name in messages.
 */
export async function readZip(
  bytes: Uint8Array,
  file: string,
): Promise<Map<string, () => Promise<Uint8Array>>> {
  const { fromBufferPromise } = require('yauzl') as typeof import('yauzl');
  const entries = new Map<string, () => Promise<Uint8Array>>();
  await guarded(file, 'the zip', async () => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const zip = await fromBufferPromise(buffer, { lazyEntries: true, autoClose: false });
    if (zip.entryCount > MAX_ENTRIES)
      throw corrupt(file, `the zip has ${zip.entryCount} entries, more than the limit of ${MAX_ENTRIES}`);
    let total = 0;
    for await (const entry of zip.eachEntry()) {
      const { fileName: name } = entry;
      checkStorage(entry, file);
      total += entry.uncompressedSize;
      if (total > MAX_BYTES)
        throw corrupt(file, `the entries of the zip are larger than the limit of ${MAX_BYTES} bytes`);
      if (entries.has(name)) throw corrupt(file, `the zip has two entries '${name}'`);
      entries.set(name, () =>
        guarded(file, `the zip's entry '${name}'`, async () => {
          const isStored = entry.compressionMethod === STORED;
          const read = await (isStored ? stored(zip, entry, bytes) : inflated(zip, entry, file));
          if ((await checksum(read)) !== entry.crc32)
            throw corrupt(file, `the zip's entry '${name}' is damaged: its checksum is wrong`);
          return read;
        }),
      );
    }
  });
  return entries;
}

/** The bytes of an entry that isn't compressed, in those of the archive. */
async function stored(zip: ZipFile, entry: Entry, bytes: Uint8Array): Promise<Uint8Array> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const end = fileDataStart + entry.compressedSize;
  if (entry.compressedSize !== entry.uncompressedSize || end > bytes.length)
    throw new RangeError('its size is wrong');
  return bytes.subarray(fileDataStart, end);
}

async function inflated(zip: ZipFile, entry: Entry, file: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Uint8Array);
  return new Uint8Array(joinBytes(pieces, file));
}

async function checksum(bytes: Uint8Array): Promise<number> {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += BYTES_PER_TURN) {
    crc = crc32(bytes.subarray(at, at + BYTES_PER_TURN), crc);
    if (at > 0) await turnOfEventLoop();
  }
  return crc;
}

function checkStorage(entry: Entry, file: string): void {
  const { fileName: name, compressionMethod: method } = entry;
  if (entry.isEncrypted()) throw unsupported(file, `the zip's entry '${name}' is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    throw unsupported(
      file,
      `the zip's entry '${name}' is compressed by method ${method}; repack it by deflate`,
    );
}

/** Errors of yauzl and zlib become CORRUPT_FILE. */
async function guarded<T>(file: string, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ConvforgeError || !isError(error)) throw error;
    throw corrupt(file, `${what} is damaged or cut off (${error.message})`, error);
  }
}
