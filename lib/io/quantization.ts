import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import type { TypedArray } from '../tensor/index.js';
import { isObject } from './read-model-json.js';

/** How a file stores a weight in fewer bytes: whole numbers q for the values `q * scale + min`, or IEEE half-precision numbers. */
export type Quantization = { dtype: 'uint8' | 'uint16'; scale: number; min: number } | { dtype: 'float16' };

/** Bytes of an element as it is stored. */
export const QUANTIZED_BYTES = { uint8: 1, uint16: 2, float16: 2 } as const;

/** Checks a manifest's `quantization`. Throws CORRUPT_FILE, naming the weight; UNSUPPORTED for a dtype that TF.js doesn't have. */
export function readQuantization(path: string, label: string, given: unknown, dtype: string): Quantization {
  if (!isObject(given)) {
    throw corrupt(path, `${label} has the quantization ${show(given)}; it must be an object`);
  }
  const { dtype: stored, scale, min } = given;
  if (dtype === 'bool') throw corrupt(path, `${label} is bool; only float32 and int32 can be quantized`);
  if (stored === 'float16') {
    if (dtype === 'float32') return { dtype: stored };
    throw corrupt(path, `${label} is ${dtype} stored as float16; only float32 can be`);
  }
  if (stored !== 'uint8' && stored !== 'uint16') {
    throw unsupported(
      path,
      `${label} is quantized to ${show(stored)}; uint8, uint16 and float16 can be loaded`,
    );
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw corrupt(
      path,
      `${label} is quantized with the scale ${show(scale)} and min ${show(min)}; both must be finite numbers`,
    );
  }
  return { dtype: stored, scale: scale as number, min: min as number };
}

/** Writes the values of the elements in `bytes` to `values`, from index `first` on. Formulas and rounding are TF.js's. */
export function dequantize(
  quantization: Quantization,
  bytes: Uint8Array<ArrayBuffer>,
  values: TypedArray,
  first: number,
): void {
  const stored =
    quantization.dtype === 'uint8'
      ? bytes
      : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (quantization.dtype === 'float16') {
    for (const [i, bits] of stored.entries()) values[first + i] = halfValue(bits);
    return;
  }
  // In float64, rounded once as it is stored.
  const { scale, min } = quantization;
  const isWhole = values instanceof Int32Array;
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] * scale + min;
    values[first + i] = isWhole ? Math.round(value) : value;
  }
}

/** The value of IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
