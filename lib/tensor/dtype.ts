import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { typedArrayName } from '../realms.js';

/** The type of a tensor's elements. `bool` is stored as bytes of 0 and 1. */
export type DataType = 'float32' | 'int32' | 'uint8' | 'bool';

/**
 * The arrays that store tensors: Float32Array for float32, Int32Array for int32, Uint8Array for uint8 and
 * bool.
 */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const;

export function checkDataType(dtype: unknown, what: string): asserts dtype is DataType {
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: there is no dtype ${show(dtype)}; it can be ${Object.keys(ARRAYS).join(', ')}.`,
    );
  }
}

/**
 * Allocates `size` zeros. Throws TOO_LARGE if no array can be that long, OUT_OF_MEMORY without enough memory.
 */
export function allocate(dtype: DataType, size: number, what: string): TypedArray {
  if (size > 2 ** 32 - 1) {
    throw new ConvforgeError('TOO_LARGE', `${what}: a tensor has at most 2^32 - 1 elements, not ${size}.`);
  }
  try {
    return new ARRAYS[dtype](size);
  } catch (cause) {
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `${what}: there is no memory for ${size} elements of ${dtype}.`,
      {
        cause,
      },
    );
  }
}

/** Whether `values` is of the kind of array that stores `dtype`. */
export function holds(values: unknown, dtype: DataType): values is TypedArray {
  return typedArrayName(values) === ARRAYS[dtype].name;
}

/**
 * Returns a function that converts a number to `dtype`. int32 and uint8 truncate it and clip it to the
 * dtype's range (an overexposed pixel stays white); NaN becomes 0. bool is whether it isn't 0.
 */
export function converter(dtype: DataType): (value: number) => number {
  switch (dtype) {
    case 'float32':
      return (value) => value;
    case 'int32':
      return (value) => clampWhole(value, -(2 ** 31), 2 ** 31 - 1);
    case 'uint8':
      return (value) => clampWhole(value, 0, 255);
    case 'bool':
      return (value) => (value === 0 ? 0 : 1);
  }
}

function clampWhole(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(Math.max(value, low), high));
}
