import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { combine, commonType, mapElements } from './elementwise.js';
import type { Tensor } from './tensor.js';
import { type TensorLike, toTensor } from './tensor-like.js';

/*
 * Elementwise arithmetic. The shapes of two operands are broadcast as NumPy does. Sums, differences and
 * products of whole numbers are int32 and wrap around. Quotients, and results of fractions, are float32.
 */

/**
 * The elementwise sum, a + b. Shapes are broadcast as NumPy does. The result is int32 for whole numbers (and
 * wraps around), else float32.
 *
 * @throws SHAPE_MISMATCH if the shapes can't be broadcast.
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'add'), 'add', (x, y) => x + y);
}

/** The elementwise difference, a - b. Shapes, dtypes and errors as for {@link add}. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'sub'), 'sub', (x, y) => x - y);
}

/** The elementwise product, a * b. Shapes, dtypes and errors as for {@link add}. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'mul'), 'mul', (x, y) => x * y);
}

/** The elementwise quotient, a / b, always float32. Shapes and errors as for {@link add}. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, 'float32', 'div', (x, y) => x / y);
}

/** The elementwise maximum of a and b. Shapes, dtypes and errors as for {@link add}. */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'maximum'), 'maximum', (x, y) => Math.max(x, y));
}

/** The elementwise minimum of a and b. Shapes, dtypes and errors as for {@link add}. */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'minimum'), 'minimum', (x, y) => Math.min(x, y));
}

/** The elementwise power, base^exponent. Shapes, dtypes and errors as for {@link add}. */
export function pow(base: TensorLike, exponent: TensorLike): Tensor {
  return combine(base, exponent, commonType(base, exponent, 'pow'), 'pow', (x, y) => x ** y);
}

/** The elementwise squared difference, (a - b)^2. Shapes, dtypes and errors as for {@link add}. */
export function squaredDifference(a: TensorLike, b: TensorLike): Tensor {
  return combine(a, b, commonType(a, b, 'squaredDifference'), 'squaredDifference', (x, y) => (x - y) ** 2);
}

/** Clips each element to [clipValueMin, clipValueMax]. NaN stays. */
export function clipByValue(x: TensorLike, clipValueMin: number, clipValueMax: number): Tensor {
  if (!(clipValueMin <= clipValueMax)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `clipByValue: clipValueMin is ${show(clipValueMin)} and clipValueMax ${show(clipValueMax)}; give two numbers in ascending order.`,
    );
  }
  return maximum(minimum(x, clipValueMax), clipValueMin);
}

/** The elementwise negation, -x. The result is int32 for whole numbers, else float32. */
export function neg(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'neg'), 'neg', (value) => -value);
}

/** The elementwise absolute value, |x|, of x's dtype. */
export function abs(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'abs', Math.abs);
}

/** The elementwise square, x^2. The result is int32 for whole numbers (and wraps around), else float32. */
export function square(x: TensorLike): Tensor {
  return mapElements(x, wholeType(x, 'square'), 'square', (value) => value * value);
}

/** The elementwise square root, float32. NaN for negative numbers. */
export function sqrt(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'sqrt', Math.sqrt);
}

/** The elementwise exponential, e^x, float32. */
export function exp(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'exp', Math.exp);
}

/** The elementwise natural logarithm, float32. NaN for negative numbers. */
export function log(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'log', Math.log);
}

/** The elementwise log(1 + x), float32, which is accurate for small x. */
export function log1p(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'log1p', Math.log1p);
}

/** The elementwise sine of an angle in radians, float32. */
export function sin(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'sin', Math.sin);
}

/** The elementwise cosine of an angle in radians, float32. */
export function cos(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'cos', Math.cos);
}

/** The elementwise reciprocal, 1 / x, float32. */
export function reciprocal(x: TensorLike): Tensor {
  return mapElements(x, 'float32', 'reciprocal', (value) => 1 / value);
}

/** Rounds each element down. */
export function floor(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'floor', Math.floor);
}

/** Rounds each element up. */
export function ceil(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'ceil', Math.ceil);
}

/** Rounds each element to the nearest whole number, halves to the even one. */
export function round(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'round', (value) => {
    const low = Math.floor(value);
    const isMiddle = value - low === 0.5;
    return isMiddle ? low + Math.abs(low % 2) : Math.round(value);
  });
}

/** The sign of each element: -1, 0 or 1. NaN stays. */
export function sign(x: TensorLike): Tensor {
  return mapElements(x, 'same', 'sign', Math.sign);
}

/** float32 for float32, else int32, which has room for signs and squares of bytes. */
function wholeType(x: TensorLike, what: string): 'float32' | 'int32' {
  return toTensor(x, `${what}: x`).dtype === 'float32' ? 'float32' : 'int32';
}
