import type { TypedArray } from './dtype.js';

/*
 * What memory() tells: tensors and their values are counted as they are made, and again when the garbage collector tells that they are
 * gone. No object is kept alive by being counted.
 */

/** In being, as far as is known. */
export const counted = { tensors: 0, arrays: 0, bytes: 0 };

const tensors = new FinalizationRegistry<void>(() => {
  counted.tensors--;
});
const arrays = new FinalizationRegistry<number>((bytes) => {
  counted.arrays--;
  counted.bytes -= bytes;
});
/** Several tensors may share one array: a reshape copies nothing. */
const known = new WeakSet<TypedArray>();

export function countTensor(tensor: object): void {
  counted.tensors++;
  tensors.register(tensor, undefined, tensor);
}

/** Called as a tensor is disposed, once. */
export function forgetTensor(tensor: object): void {
  counted.tensors--;
  tensors.unregister(tensor);
}

export function countValues(values: TypedArray): void {
  if (known.has(values)) return;
  known.add(values);
  counted.arrays++;
  counted.bytes += values.byteLength;
  arrays.register(values, values.byteLength);
}
