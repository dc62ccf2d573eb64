import type { TypedArray } from './dtype.js';

/*
 * The counts for memory(): of tensors and their arrays as they are made, minus those that the garbage
 * collector reports as freed. Counting keeps no object alive. Registering an object takes several times as
 * long as making a small tensor, so counting begins with the first call of memory().
 */

/** The tensors, arrays and bytes made since counting began and not yet known to be freed. */
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
/** Several tensors may share one array, since a reshape copies nothing. */
const known = new WeakSet<TypedArray>();

export function countTensor(tensor: object): void {
  if (!counting) return;
  counted.tensors++;
  tensors.register(tensor, undefined, tensor);
}

/** Must be called once when a tensor is disposed of. */
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
