import { endianness } from 'node:os';
import { halfValue } from './weight-values.js';

/** How a dataset's numbers are stored, as h5wasm describes it. Read data are little-endian. */
export interface NumberType {
  type: number;
  size: number;
  signed: boolean;
  enum_type?: { type: number };
}

/** Classes of HDF5's datatypes. */
export const INTEGER = 0;
export const FLOAT = 1;
export const STRING = 3;
/** As Keras stores bfloat16, with an attribute that says so. */
export const OPAQUE = 5;
const ENUM = 8;

/** 'float32', 'int64', ... undefined if it isn't a number that can be read. */
export function numberName({ type, size, signed, enum_type }: NumberType): string | undefined {
  const base = type === ENUM ? enum_type?.type : type;
  if (base === FLOAT) return [2, 4, 8].includes(size) ? `float${size * 8}` : undefined;
  if (base !== INTEGER || ![1, 2, 4, 8].includes(size)) return undefined;
  return `${signed ? 'int' : 'uint'}${size * 8}`;
}

type Read = (view: DataView, at: number) => number;

const READERS: Readonly<Record<string, Read>> = {
  float16: (view, at) => halfValue(view.getUint16(at, true)),
  bfloat16: (view, at) => bfloatValue(view.getUint16(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
};

const IS_LITTLE_ENDIAN = endianness() === 'LE';

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The number of these 16 bits, which are the upper half of a float32. */
function bfloatValue(half: number): number {
  bits[0] = half << 16;
  return float[0];
}

/** Numbers of the type `name`, each of `size` bytes. */
export function readNumbers<Out extends Float32Array | Float64Array>(
  bytes: Uint8Array,
  name: string,
  size: number,
  out: Out,
): Out {
  if (name === 'float32' && bytes.byteOffset % 4 === 0 && IS_LITTLE_ENDIAN) {
    out.set(new Float32Array(bytes.buffer, bytes.byteOffset, out.length));
    return out;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[name];
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * size);
  return out;
}
