import { combine, mapElements } from './elementwise.js';
import type { Tensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';

/*
 * bool, element by element, the shapes stretched to each other by NumPy's rule. NaN equals nothing and is neither greater nor less.
 */

export function equal(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'equal', (x, y) => (x === y ? 1 : 0));
}

export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'notEqual', (x, y) => (x === y ? 0 : 1));
}

export function greater(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'greater', (x, y) => (x > y ? 1 : 0));
}

export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'greaterEqual', (x, y) => (x >= y ? 1 : 0));
}

export function less(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'less', (x, y) => (x < y ? 1 : 0));
}

export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'lessEqual', (x, y) => (x <= y ? 1 : 0));
}

/** Whether neither is 0. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'logicalAnd', (x, y) => (x !== 0 && y !== 0 ? 1 : 0));
}

/** Whether one of them or both aren't 0. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'bool', 'logicalOr', (x, y) => (x !== 0 || y !== 0 ? 1 : 0));
}

/** Whether it is 0. */
export function logicalNot(x: TensorLike): Tensor {
  return mapElements(x, 'bool', 'logicalNot', (value) => (value === 0 ? 1 : 0));
}

// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export function isNaN(x: TensorLike): Tensor {
  return mapElements(x, 'bool', 'isNaN', (value) => (Number.isNaN(value) ? 1 : 0));
}
