/** The types of a program's values. */
export const DTYPES = ['float32', 'uint8', 'int32'] as const;

/** The type of a value's elements. */
export type DType = (typeof DTYPES)[number];

/** The class of the arrays that store values of each type. */
export const SAMPLE_ARRAYS = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array } as const;
