import { open, type FileHandle } from 'node:fs/promises';
import { turnOfEventLoop } from '../program/sliced-work.js';
import { Tensor } from '../tensor/index.js';
import { allocateBytes } from './bytes.js';
import { corrupt, unreadable, unsupported } from './failures.js';
import { checkFile, readLocation } from './locations.js';
import { headerLength, LENGTH_BYTES, readHeader, type SafetensorsEntry } from './safetensors-header.js';
import { halfValue } from './weight-values.js';

/** Number of elements to convert before yielding to the event loop. */
const ELEMENTS_PER_PAUSE = 2 ** 16;

/**
 * Reads the tensors of a safetensors file by name, in the order of their bytes, in the layout of the file.
 * F16, BF16 and F64 become float32; integers become int32.
 *
 * @param location The path of the file, or 'file://path'.
 * @throws INVALID_ARGUMENT unless it is a path, IO_ERROR, OUT_OF_MEMORY; CORRUPT_FILE for an invalid header;
 * UNSUPPORTED for other dtypes and for integers beyond int32.
 */
export async function readSafetensors(location: string): Promise<Map<string, Tensor>> {
  const path = readLocation(location, 'io.readSafetensors');
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const stat = await file.stat();
    checkFile(path, stat);
    const start = await readBytes(file, path, 0, Math.min(LENGTH_BYTES, stat.size));
    const length = headerLength(path, start, stat.size);
    const data = LENGTH_BYTES + length;
    const header = await readBytes(file, path, LENGTH_BYTES, length);
    const tensors = new Map<string, Tensor>();
    for (const entry of readHeader(path, header, stat.size - data)) {
      const bytes = await readBytes(file, path, data + entry.begin, entry.end - entry.begin);
      tensors.set(entry.name, await decode(path, entry, bytes));
    }
    return tensors;
  } finally {
    await file.close();
  }
}

async function readBytes(file: FileHandle, path: string, from: number, length: number): Promise<Uint8Array> {
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

async function decode(path: string, entry: SafetensorsEntry, bytes: Uint8Array): Promise<Tensor> {
  const { name, dtype, shape } = entry;
  if (dtype === 'F32') return new Tensor(new Float32Array(bytes.buffer as ArrayBuffer), shape, 'float32');
  const get = READERS[dtype];
  const count = shape.reduce((product, size) => product * size, 1);
  const view = new DataView(bytes.buffer);
  const buffer = allocateBytes(4 * count, path);
  const isFloat = dtype.includes('F');
  const values = isFloat ? new Float32Array(buffer) : new Int32Array(buffer);
  const step = bytes.length / count;
  for (let i = 0; i < count; i++) {
    const value = get(view, i * step);
    values[i] = value;
    if (!isFloat && values[i] !== value)
      throw unsupported(path, `tensor ${JSON.stringify(name)} holds ${value}, which int32 can't`);
    if (i % ELEMENTS_PER_PAUSE === ELEMENTS_PER_PAUSE - 1) await turnOfEventLoop();
  }
  return new Tensor(values, shape, isFloat ? 'float32' : 'int32');
}

/** Reads one element, by the name of its type in the file. */
const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  BOOL: (view, at) => view.getUint8(at),
  U8: (view, at) => view.getUint8(at),
  I8: (view, at) => view.getInt8(at),
  I16: (view, at) => view.getInt16(at, true),
  U16: (view, at) => view.getUint16(at, true),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => halfValue(view.getUint16(at, true)),
  BF16: (view, at) => fromBfloat(view.getUint16(at, true)),
};

const WORD = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function fromBfloat(bits: number): number {
  WORD.setUint32(0, bits << 16);
  return WORD.getFloat32(0);
}
