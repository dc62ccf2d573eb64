import { combine } from './elementwise.js';
import type { Tensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';

/** bool: where elements are equal, the shapes stretched to each other by NumPy's rule. NaN equals nothing. */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'equal', (x, y) => (x === y ? 1 : 0));
}
