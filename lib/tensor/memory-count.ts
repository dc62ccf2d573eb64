import type { TypedArray } from './dtype.js';

/*
 * What memory() tells: tensors and their values are counted as they are made, and again when the garbage collector tells that they are
 * gone. No object is kept alive by being counted. Being told takes several times as long as making a small tensor, so those pay for it
 * who ask: counting begins with the first question.
 */

/** Made since counting began and still in being, as far as is known. */
export const counted = { tensors: 0, arrays: 0, bytes: 0 };

let counting = false;

export function beginCounting(): void {
  counting = true;
}

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
  if (!counting) return;
  counted.tensors++;
  tensors.register(tensor, undefined, tensor);
}

/** Called as a tensor is disposed, once. */
export function forgetTensor(tensor: object): void {
  if (counting && tensors.unregister(tensor)) counted.tensors--;
}

export function countValues(values: TypedArray): void {
  if (!counting || known.has(values)) return;
  known.add(values);
  counted.arrays++;
  counted.bytes += values.byteLength;
  arrays.register(values, values.byteLength);
}
