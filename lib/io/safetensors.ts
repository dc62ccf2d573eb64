import { open, type FileHandle } from 'node:fs/promises';
import { isUint8Array } from '../realms.js';
import { SlicedWork } from '../program/sliced-work.js';
import { Tensor } from '../tensor/index.js';
import { sizeOf } from '../tensor/shapes.js';
import { allocateBytes } from './bytes.js';
import { corrupt, unreadable, unsupported } from './failures.js';
import { checkFile, readLocation } from './locations.js';
import {
  ELEMENT_BYTES,
  headerLength,
  LENGTH_BYTES,
  readHeader,
  type SafetensorsEntry,
} from './safetensors-header.js';
import { halfValues } from './weight-values.js';

/** Elements to convert, and bytes to copy, before yielding. */
const ELEMENTS_PER_PAUSE = 2 ** 16;
const BYTES_PER_PAUSE = 2 ** 22;

/** A safetensors file whose header was read and checked. */
export interface SafetensorsFile {
  /** The path, or what messages call it. */
  readonly name: string;
  /** Its tensors in the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
  /** The values of a tensor: Float32Array for floats, else Int32Array. */
  read(entry: SafetensorsEntry): Promise<Float32Array | Int32Array>;
  close(): Promise<void>;
}

/** Where the bytes of a file are. */
interface ByteSource {
  readonly name: string;
  readonly length: number;
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/**
 * Reads the tensors of a safetensors file by name, in the order of their bytes, in the layout of the file.
 * F16, BF16 and F64 become float32; integers become int32.
 *
 * @param source The path of the file ('file://path' or a plain path), or its bytes.
 * @throws INVALID_ARGUMENT unless it is a path or bytes, IO_ERROR, OUT_OF_MEMORY; CORRUPT_FILE for an invalid
 * header; UNSUPPORTED for other dtypes and for integers beyond int32.
 */
export async function readSafetensors(source: string | Uint8Array): Promise<Map<string, Tensor>> {
  const file = await openSafetensors(source, 'io.readSafetensors');
  try {
    const tensors = new Map<string, Tensor>();
    for (const entry of file.entries) {
      const values = await file.read(entry);
      const dtype = isFloat(entry) ? 'float32' : 'int32';
      tensors.set(entry.name, new Tensor(values, entry.shape, dtype));
    }
    return tensors;
  } finally {
    await file.close();
  }
}

/** Whether a tensor's elements are floats. */
export function isFloat({ dtype }: SafetensorsEntry): boolean {
  return dtype.includes('F');
}

/** Opens a file for the function `what`. Throws as readSafetensors does. */
export async function openSafetensors(source: unknown, what: string): Promise<SafetensorsFile> {
  const bytes = isUint8Array(source) ? memorySource(source, what) : await fileSource(source, what);
  const { name } = bytes;
  try {
    const start = await bytes.read(0, Math.min(LENGTH_BYTES, bytes.length));
    const length = headerLength(name, start, bytes.length);
    const data = LENGTH_BYTES + length;
    const header = await bytes.read(LENGTH_BYTES, length);
    const entries = await readHeader(name, header, bytes.length - data);
    return {
      name,
      entries,
      read: async (entry) => {
        const stored = await bytes.read(data + entry.begin, entry.end - entry.begin);
        return new SlicedWork(decode(name, entry, stored.buffer)).promise;
      },
      close: () => bytes.close(),
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function fileSource(source: unknown, what: string): Promise<ByteSource> {
  const name = readLocation(source, what);
  const file = await open(name).catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  try {
    const stat = await file.stat();
    checkFile(name, stat);
    return {
      name,
      length: stat.size,
      read: (from, length) => readBytes(file, name, from, length),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readBytes(
  file: FileHandle,
  path: string,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(allocateBytes(length, path));
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file
      .read(bytes, filled, Math.min(length - filled, 2 ** 24), from + filled)
      .catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
    if (bytesRead === 0) throw corrupt(path, 'it ends too early');
    filled += bytesRead;
  }
  return bytes;
}

function memorySource(source: Uint8Array, what: string): ByteSource {
  const name = `${what}(bytes)`;
  return {
    name,
    length: source.length,
    read: (from, length) => new SlicedWork(copyBytes(name, source, from, length)).promise,
    close: () => Promise.resolve(),
  };
}

function* copyBytes(
  name: string,
  source: Uint8Array,
  from: number,
  length: number,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(allocateBytes(length, name));
  for (let at = 0; at < length; at += BYTES_PER_PAUSE) {
    const end = Math.min(at + BYTES_PER_PAUSE, length);
    if (source.length < from + end) throw corrupt(name, 'its bytes were transferred or resized meanwhile');
    bytes.set(source.subarray(from + at, from + end), at);
    yield;
  }
  return bytes;
}

function* decode(
  path: string,
  entry: SafetensorsEntry,
  stored: ArrayBuffer,
): Generator<void, Float32Array | Int32Array> {
  const { name, dtype } = entry;
  if (dtype === 'F32') return new Float32Array(stored);
  if (dtype === 'I32') return new Int32Array(stored);
  const convert = CONVERTERS[dtype];
  const count = sizeOf(entry.shape);
  const buffer = allocateBytes(4 * count, path);
  const values = isFloat(entry) ? new Float32Array(buffer) : new Int32Array(buffer);
  const bytes = ELEMENT_BYTES[dtype];
  for (let first = 0; first < count; first += ELEMENTS_PER_PAUSE) {
    const length = Math.min(ELEMENTS_PER_PAUSE, count - first);
    const large = convert(stored, first * bytes, values.subarray(first, first + length));
    if (large !== undefined)
      throw unsupported(path, `tensor ${JSON.stringify(name)} holds ${large}, which int32 can't`);
    yield;
  }
  return values;
}

/** Converts elements that begin at `from`, in bytes. Returns the first that the values can't hold, if any. */
type Convert = (
  stored: ArrayBuffer,
  from: number,
  values: Float32Array | Int32Array,
) => bigint | number | undefined;

type WholeNumbers = ArrayLike<number> | ArrayLike<bigint>;

const whole =
  (view: new (buffer: ArrayBuffer, from: number, length: number) => WholeNumbers): Convert =>
  (stored, from, values) => {
    const given = new view(stored, from, values.length);
    for (let i = 0; i < values.length; i++) {
      values[i] = Number(given[i]);
      if (values[i] !== Number(given[i])) return given[i];
    }
    return undefined;
  };

/** By the name of the type in the file. All machines that this runs on are little-endian, as the file is. */
const CONVERTERS: Readonly<Record<string, Convert>> = {
  BOOL: whole(Uint8Array),
  U8: whole(Uint8Array),
  I8: whole(Int8Array),
  I16: whole(Int16Array),
  U16: whole(Uint16Array),
  U32: whole(Uint32Array),
  I64: whole(BigInt64Array),
  U64: whole(BigUint64Array),
  F64: (stored, from, values) => {
    values.set(new Float64Array(stored, from, values.length));
    return undefined;
  },
  F16: (stored, from, values) => {
    halfValues(new Uint16Array(stored, from, values.length), values);
    return undefined;
  },
  // The upper half of a float32.
  BF16: (stored, from, values) => {
    const bits = new Uint16Array(stored, from, values.length);
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
    return undefined;
  },
};
