import { isError } from '../realms.js';
import { crc32 } from './crc.js';
import { corrupt, unsupported } from './failures.js';

/** What an archive may hold at most. */
export interface ZipLimits {
  /** The number of entries. 10,000 by default. */
  maxEntries?: number;
  /** The bytes of all entries together, uncompressed. 4 GiB by default. */
  maxBytes?: number;
}

/** An entry, as the central directory describes it (APPNOTE.TXT 4.3.12). */
interface Entry {
  name: string;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  /** Offset of its local header. */
  at: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
/** Flags of encryption: of the data, strong, of the directory. */
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
/** Deflate makes data at most 1032 times smaller. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Reads the directory of a zip archive. Each entry is inflated and its CRC checked when its function is called.
 * Entries are never written to disk.
 *
 * @param file The archive's name in messages.
 */
export function readZip(
  bytes: Uint8Array,
  file: string,
  { maxEntries = 10_000, maxBytes = 2 ** 32 }: ZipLimits = {},
): Map<string, () => Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, file);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  const size = view.getUint32(end + 12, true);
  if (count === 0xffff || directory === 0xffff_ffff || size === 0xffff_ffff)
    throw unsupported(
      file,
      'it is a zip64 archive, for more than 4 GiB or 65,534 entries, which is not read',
    );
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    throw unsupported(file, 'it is a part of a zip archive that was split');
  if (directory + size > end) throw corrupt(file, "the zip's directory lies outside of the file");
  if (count > maxEntries)
    throw corrupt(file, `the zip has ${count} entries, more than the limit of ${maxEntries}`);
  const entries = new Map<string, () => Uint8Array>();
  let total = 0;
  let at = directory;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(view, at, end, file);
    at = next;
    total += entry.size;
    if (total > maxBytes)
      throw corrupt(file, `the entries of the zip are larger than the limit of ${maxBytes} bytes`);
    if (entries.has(entry.name)) throw corrupt(file, `the zip has two entries '${entry.name}'`);
    if (!entry.name.endsWith('/'))
      entries.set(entry.name, () => extract(bytes, view, entry, directory, file));
  }
  return entries;
}

/** Offset of the end record. Only an archive comment, of the length that the record declares, may follow it. */
function findEnd(view: DataView, file: string): number {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--)
    if (view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  throw corrupt(file, "the zip's directory is missing: the file is cut off or isn't a zip");
}

function readEntry(view: DataView, at: number, end: number, file: string): { entry: Entry; next: number } {
  if (at + CENTRAL_SIZE > end || view.getUint32(at, true) !== CENTRAL)
    throw corrupt(file, "the zip's directory is damaged");
  const nameLength = view.getUint16(at + 28, true);
  const nameEnd = at + CENTRAL_SIZE + nameLength;
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > end) throw corrupt(file, "the zip's directory is damaged");
  const entry = {
    name: decodeName(view, at + CENTRAL_SIZE, nameLength),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedSize: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    at: view.getUint32(at + 42, true),
  };
  checkName(entry.name, file);
  checkStorage(entry, view.getUint16(at + 8, true), file);
  return { entry, next };
}

function decodeName(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString('utf8');
}

function checkName(name: string, file: string): void {
  const parts = name.split(/[/\\]/);
  if (name === '' || parts[0] === '' || /^[a-z]:/i.test(name) || parts.includes('..') || name.includes('\0'))
    throw corrupt(file, `the zip's entry '${name}' has an unsafe name`);
}

function checkStorage({ name, method, packedSize, size, at }: Entry, flags: number, file: string): void {
  if (flags & ENCRYPTED) throw unsupported(file, `the zip's entry '${name}' is encrypted`);
  if ([packedSize, size, at].includes(0xffff_ffff))
    throw unsupported(file, `the zip's entry '${name}' is stored as zip64, which is not read`);
  if (method !== STORED && method !== DEFLATED)
    throw unsupported(
      file,
      `the zip's entry '${name}' is compressed by method ${method}; repack it by deflate`,
    );
  const most = method === STORED ? packedSize : packedSize * MAX_DEFLATE_RATIO;
  if (size > most || (method === STORED && size !== packedSize))
    throw corrupt(file, `the zip's entry '${name}' can't have the size of ${size} bytes that it declares`);
}

function extract(bytes: Uint8Array, view: DataView, entry: Entry, end: number, file: string): Uint8Array {
  const { name, at, method, packedSize, size, crc } = entry;
  const fail = (problem: string, cause?: unknown) =>
    corrupt(file, `the zip's entry '${name}' ${problem}`, cause);
  if (at + LOCAL_SIZE > end || view.getUint32(at, true) !== LOCAL) throw fail('has no data');
  const nameLength = view.getUint16(at + 26, true);
  const from = at + LOCAL_SIZE + nameLength + view.getUint16(at + 28, true);
  if (from + packedSize > end) throw fail('is cut off');
  if (decodeName(view, at + LOCAL_SIZE, nameLength) !== name) throw fail('has another name at its data');
  const packed = bytes.subarray(from, from + packedSize);
  let data = packed;
  if (method === DEFLATED) {
    const { inflateSync } = require('fflate') as typeof import('fflate');
    try {
      data = inflateSync(packed, { out: new Uint8Array(size) });
    } catch (error) {
      throw fail(`can't be inflated${isError(error) ? ` (${error.message})` : ''}`, error);
    }
  }
  if (data.length !== size || crc32(data) !== crc) throw fail('is damaged: its checksum is wrong');
  return data;
}

/** Writes a zip archive, uncompressed, as Keras does for its weights. */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const { zipSync } = require('fflate') as typeof import('fflate');
  // A fixed date, so that equal entries give equal bytes.
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: new Date(1980, 0, 1) });
}
