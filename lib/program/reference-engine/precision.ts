import { ConvforgeError } from '../../errors.js';

/**
 * Values, weights and gradients. The engine computes in float32. Tests of gradients run the same code in
 * float64.
 */
export type FloatArray = Float32Array | Float64Array;

export type Precision = 'float32' | 'float64';

const ARRAYS = { float32: Float32Array, float64: Float64Array } as const;

/** Allocates zeros. Throws OUT_OF_MEMORY. */
export function allocate(precision: Precision, length: number): FloatArray {
  try {
    return new ARRAYS[precision](length);
  } catch (cause) {
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `an array of ${length} ${precision} elements can't be allocated.`,
      {
        cause,
      },
    );
  }
}
