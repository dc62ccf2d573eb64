import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { combine, commonType, mapElements } from './elementwise.js';
import type { Tensor } from './tensor.js';
import { type TensorLike, toTensor } from './tensor-like.js';

/*
 * Elementwise arithmetic. Shapes of two operands are stretched to each other by NumPy's rule. Sums, differences and products of whole
 * numbers are int32 (wrapping past its range); a quotient, or anything with a fraction in it, is float32.
 */

/**
 * a + b by element, shapes stretched to each other by NumPy's rule. int32 of whole numbers (wrapping past its range), else
 * float32.
 * @throws SHAPE_MISMATCH if the shapes can't be stretched to each other.
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'add'), 'add', (x, y) => x + y);
}

/** a - b by element: shapes, types and errors as for {@link add}. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'sub'), 'sub', (x, y) => x - y);
}

/** a * b by element: shapes, types and errors as for {@link add}. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'mul'), 'mul', (x, y) => x * y);
}

/** a / b by element, always float32; shapes and errors as for {@link add}. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'float32', 'div', (x, y) => x / y);
}

/** The greater of each pair: shapes, types and errors as for {@link add}. */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'maximum'), 'maximum', (x, y) => Math.max(x, y));
}

/** The lesser of each pair: shapes, types and errors as for {@link add}. */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'minimum'), 'minimum', (x, y) => Math.min(x, y));
}

/** base^exponent: int32 of whole numbers, as for products. */
export function pow(base: TensorLike, exponent: TensorLike): Tensor {
  return combine(base, exponent, commonType(base, exponent, 'pow'), 'pow', (x, y) => x ** y);
}

/** (a - b)^2 */
export function squaredDifference(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'squaredDifference'), 'squaredDifference', (x, y) => (x - y) ** 2);
}

/** Each number held within `clipValueMin` and `clipValueMax`; NaN stays. */
export function clipByValue(x: TensorLike, clipValueMin: number, clipValueMax: number): Tensor {
  if (!(clipValueMin <= clipValueMax)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `clipByValue: the least value is ${show(clipValueMin)} and the greatest ${show(clipValueMax)}; give two numbers in order.`,
    );
  }
  return maximum(minimum(x, clipValueMax), clipValueMin);
}

/** -x by element; int32 of whole numbers, else float32. */
export function neg(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'neg'), 'neg', (value) => -value);
}

/** |x| by element, of the same type. */
export function abs(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'abs', Math.abs);
}

/** x^2 by element; int32 of whole numbers (wrapping past its range), else float32. */
export function square(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'square'), 'square', (value) => value * value);
}

/** The square root by element, float32; NaN below 0. */
export function sqrt(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'sqrt', Math.sqrt);
}

/** e^x by element, float32. */
export function exp(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'exp', Math.exp);
}

/** The natural logarithm by element, float32; NaN below 0. */
export function log(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'log', Math.log);
}

/** log(1 + x), exact also where x is small. */
export function log1p(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'log1p', Math.log1p);
}

/** Of an angle in radians. */
export function sin(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'sin', Math.sin);
}

/** Of an angle in radians. */
export function cos(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'cos', Math.cos);
}

/** 1 / x */
export function reciprocal(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'reciprocal', (value) => 1 / value);
}

/** The next whole number at or below. */
export function floor(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'floor', Math.floor);
}

/** The next whole number at or above. */
export function ceil(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'ceil', Math.ceil);
}

/** The nearest whole number; of two, the even one. */
export function round(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'round', (value) => {
    const low = Math.floor(value);
    const isMiddle = value - low === 0.5;
    return isMiddle ? low + Math.abs(low % 2) : Math.round(value);
  });
}

/** -1, 0 or 1; NaN stays. */
export function sign(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'sign', Math.sign);
}

/** float32 stays; bytes become int32, which has room for a sign and for squares. */
function wholeType(x: TensorLike, what: string): 'float32' | 'int32' {
  return toTensor(x, `${what}: x`).dtype === 'float32' ? 'float32' : 'int32';
}
