/** The types of a program's values. */
export const DTYPES = ['float32', 'uint8', 'int32'] as const;

/** The type of a value's elements. */
export type DType = (typeof DTYPES)[number];
