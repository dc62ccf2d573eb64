import { combine, mapElements } from './elementwise.js';
import type { Tensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';

/**
 * bool: where elements are equal, the shapes stretched to each other by NumPy's rule. NaN equals nothing.
 * @throws SHAPE_MISMATCH if the shapes can't be stretched to each other.
 */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'equal', (x, y) => (x === y ? 1 : 0));
}

/** bool: where elements differ; NaN differs from all. Shapes and errors as for {@link equal}. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'notEqual', (x, y) => (x === y ? 0 : 1));
}

/** bool: where a > b; never at NaN. Shapes and errors as for {@link equal}. */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'greater', (x, y) => (x > y ? 1 : 0));
}

/** bool: where a >= b; never at NaN. Shapes and errors as for {@link equal}. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'greaterEqual', (x, y) => (x >= y ? 1 : 0));
}

/** bool: where a < b; never at NaN. Shapes and errors as for {@link equal}. */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'less', (x, y) => (x < y ? 1 : 0));
}

/** bool: where a <= b; never at NaN. Shapes and errors as for {@link equal}. */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'lessEqual', (x, y) => (x <= y ? 1 : 0));
}

/** bool: where neither is 0. Shapes and errors as for {@link equal}. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'logicalAnd', (x, y) => (x !== 0 && y !== 0 ? 1 : 0));
}

/** bool: where one of them or both aren't 0. Shapes and errors as for {@link equal}. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'logicalOr', (x, y) => (x !== 0 || y !== 0 ? 1 : 0));
}

/** bool: where elements are 0. */
export function logicalNot(x: TensorLike): Tensor {
  return mapElements(x, 'bool', 'logicalNot', (value) => (value === 0 ? 1 : 0));
}

/** bool: where elements are NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export function isNaN(x: TensorLike): Tensor {
  return mapElements(x, 'bool', 'isNaN', (value) => (Number.isNaN(value) ? 1 : 0));
}
