import type { DataType, TypedArray } from '../tensor/index.js';

/*
 * The IDX format: two zero bytes, a byte for the type of the values, a byte for the number of dimensions,
 * each dimension's size as a big-endian uint32, then the values, big-endian and row-major.
 */

export interface IdxType {
  name: string;
  /** Bytes a value. */
  size: number;
  /** The dtype of the resulting tensor. */
  dtype: DataType;
  /** Decodes big-endian values to an array of `dtype`. May reuse and change `bytes`. */
  decode(bytes: Uint8Array): TypedArray;
}

/** Keyed by the header's third byte. */
const TYPES: Record<number, IdxType> = {
  8: { name: 'unsigned byte', size: 1, dtype: 'uint8', decode: (bytes) => bytes },
  9: { name: 'signed byte', size: 1, dtype: 'int32', decode: (bytes) => Int32Array.from(asInt8(bytes)) },
  11: { name: 'short', size: 2, dtype: 'int32', decode: decodeShorts },
  12: { name: 'int', size: 4, dtype: 'int32', decode: (bytes) => new Int32Array(swapped(bytes, 4)) },
  13: { name: 'float', size: 4, dtype: 'float32', decode: (bytes) => new Float32Array(swapped(bytes, 4)) },
  14: { name: 'double', size: 8, dtype: 'float32', decode: decodeDoubles },
};

export interface IdxHeader {
  type: IdxType;
  shape: number[];
  /** Bytes of the header. */
  length: number;
}

/** Bytes of the longest header: 255 dimensions. */
export const LONGEST_HEADER = 4 + 4 * 255;

/** Parses the first bytes of a file. Returns what is wrong with them as a string. */
export function parseIdxHeader(start: Uint8Array): IdxHeader | string {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < 4) return `it ends after ${start.length} bytes, within the header`;
  const type = TYPES[view.getUint8(2)];
  const rank = view.getUint8(3);
  if (view.getUint16(0) !== 0 || type === undefined || rank === 0) {
    const magic = view.getUint32(0).toString(16).padStart(8, '0');
    return `it starts with 0x${magic}, which is not the magic number of an IDX file (such as 0x00000803 for images)`;
  }
  const length = 4 + 4 * rank;
  if (start.length < length) return `it ends after ${start.length} bytes, within its header of ${length}`;
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { type, shape, length };
}

function asInt8(bytes: Uint8Array): Int8Array {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function decodeShorts(bytes: Uint8Array): Int32Array {
  return Int32Array.from(new Int16Array(swapped(bytes, 2)));
}

function decodeDoubles(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Float64Array(swapped(bytes, 8)));
}

/**
 * Swaps big-endian values of `size` bytes in place to little-endian, the byte order of every machine that
 * Node runs on.
 */
function swapped(bytes: Uint8Array, size: 2 | 4 | 8): ArrayBuffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else buffer.swap64();
  return bytes.buffer as ArrayBuffer;
}
