import { type TensorLike, toTensor } from './tensor-like.js';

/** Prints a tensor's values to the console. `verbose` adds dtype, rank and shape. */
export function print(x: TensorLike, verbose = false): void {
  toTensor(x, 'print: x').print(verbose);
}
