import { combine, commonType, mapElements } from './elementwise.js';
import type { Tensor } from './tensor.js';
import { type TensorLike, toTensor } from './tensor-like.js';

/*
 * Elementwise arithmetic. Shapes of two operands are stretched to each other by NumPy's rule. Sums, differences and products of whole
 * numbers are int32 (wrapping past its range); a quotient, or anything with a fraction in it, is float32.
 */

export function add(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'add'), 'add', (x, y) => x + y);
}

export function sub(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'sub'), 'sub', (x, y) => x - y);
}

export function mul(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'mul'), 'mul', (x, y) => x * y);
}

/** Always float32. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'float32', 'div', (x, y) => x / y);
}

/** The greater of each pair. */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'maximum'), 'maximum', (x, y) => Math.max(x, y));
}

/** The lesser of each pair. */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'minimum'), 'minimum', (x, y) => Math.min(x, y));
}

export function neg(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'neg'), 'neg', (value) => -value);
}

export function abs(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'abs', Math.abs);
}

export function square(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'square'), 'square', (value) => value * value);
}

export function sqrt(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'sqrt', Math.sqrt);
}

/** e^x */
export function exp(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'exp', Math.exp);
}

/** The natural logarithm. */
export function log(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'log', Math.log);
}

/** float32 stays; bytes become int32, which has room for a sign and for squares. */
function wholeType(x: TensorLike, what: string): 'float32' | 'int32' {
  return toTensor(x, `${what}: x`).dtype === 'float32' ? 'float32' : 'int32';
}
