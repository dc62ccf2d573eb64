import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { isInt32Array } from '../realms.js';
import type { TypedArray } from '../tensor/index.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { type Quantization, QUANTIZED_BYTES, type WeightEntry } from './manifest.js';

/** Values of a weight of dtype float32, int32 or bool. */
export type WeightValues = TypedArray;

/** Source of the bytes of weights, one weight after another. */
export interface ByteReader {
  /** Fills `bytes` with the next bytes of the source. */
  fill(bytes: Uint8Array): Promise<void>;
}

/** Number of bytes of a quantized weight to hold at a time. Must be even. */
const CHUNK_BYTES = 2 ** 18;

/**
 * Reads the values of the next weight. They are little-endian, as are all machines that this runs on. The
 * caller must have checked the size against the source. Rejects with OUT_OF_MEMORY.
 */
export async function readValues(entry: WeightEntry, reader: ByteReader): Promise<WeightValues> {
  const values = allocateValues(entry);
  if (entry.quantization) await readQuantized(entry.quantization, values, reader);
  else await reader.fill(new Uint8Array(values.buffer));
  return values;
}

async function readQuantized(
  quantization: Quantization,
  values: WeightValues,
  reader: ByteReader,
): Promise<void> {
  const elementBytes = QUANTIZED_BYTES[quantization.dtype];
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, values.length * elementBytes));
  for (let first = 0; first < values.length; first += chunk.length / elementBytes) {
    const bytes = chunk.subarray(0, (values.length - first) * elementBytes);
    await reader.fill(bytes);
    dequantize(quantization, bytes, values, first);
  }
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Allocates zeros for a weight's values. Throws OUT_OF_MEMORY, naming the weight. */
export function allocateValues({ name, shape, dtype }: WeightEntry): WeightValues {
  try {
    return new ARRAYS[dtype](sizeOf(shape));
  } catch (cause) {
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `There is no memory for the weight ${show(name)} of ${showShape(shape)}.`,
      { cause },
    );
  }
}

/**
 * Dequantizes the elements in `bytes` to `values`, from index `first` on, with TF.js's formulas and rounding.
 */
export function dequantize(
  quantization: Quantization,
  bytes: Uint8Array,
  values: TypedArray,
  first: number,
): void {
  const stored =
    quantization.dtype === 'uint8'
      ? bytes
      : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (quantization.dtype === 'float16') {
    halfValues(stored as Uint16Array, values.subarray(first, first + stored.length) as Float32Array);
    return;
  }
  // Computed in float64 and rounded once, when stored.
  const { scale, min } = quantization;
  const isWhole = isInt32Array(values);
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] * scale + min;
    values[first + i] = isWhole ? Math.round(value) : value;
  }
}

/** The value of each 16-bit pattern of IEEE 754 binary16, computed when first used. */
let halves: Float32Array | undefined;

function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfValueOf(bits));
  return halves;
}

/** Converts numbers of IEEE 754 binary16. */
export function halfValues(bits: Uint16Array, values: Float32Array | Int32Array): void {
  const table = halfTable();
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]];
}

/** The value of a number of IEEE 754 binary16. */
export function halfValue(bits: number): number {
  return halfTable()[bits];
}

/** 1 sign bit, 5 of the exponent, 10 of the fraction. */
function halfValueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
