import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { combine, commonType, mapElements } from './elementwise.js';
import { type GraphValue, inGraph } from './graph.js';
import type { SampleShape } from './shapes.js';
import type { Tensor } from './tensor.js';
import { type Operand, type Operated, type TensorLike, toTensor } from './tensor-like.js';

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
export function add(a: TensorLike, b: TensorLike): Tensor;
export function add<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function add(a: Operand, b: Operand): GraphValue;
export function add(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'add', (x, y) => x + y);
}

/** The elementwise difference, a - b. Shapes, dtypes and errors as for {@link add}. */
export function sub(a: TensorLike, b: TensorLike): Tensor;
export function sub<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function sub(a: Operand, b: Operand): GraphValue;
export function sub(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'sub', (x, y) => x - y);
}

/** The elementwise product, a * b. Shapes, dtypes and errors as for {@link add}. */
export function mul(a: TensorLike, b: TensorLike): Tensor;
export function mul<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function mul(a: Operand, b: Operand): GraphValue;
export function mul(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'mul', (x, y) => x * y);
}

/** The elementwise quotient, a / b, always float32. Shapes and errors as for {@link add}. */
export function div(a: TensorLike, b: TensorLike): Tensor;
export function div<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function div(a: Operand, b: Operand): GraphValue;
export function div(a: Operand, b: Operand): Operated {
  return combine(a, b, 'float32', 'div', (x, y) => x / y);
}

/** The elementwise maximum of a and b. Shapes, dtypes and errors as for {@link add}. */
export function maximum(a: TensorLike, b: TensorLike): Tensor;
export function maximum<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function maximum(a: Operand, b: Operand): GraphValue;
export function maximum(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'maximum', (x, y) => Math.max(x, y));
}

/** The elementwise minimum of a and b. Shapes, dtypes and errors as for {@link add}. */
export function minimum(a: TensorLike, b: TensorLike): Tensor;
export function minimum<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function minimum(a: Operand, b: Operand): GraphValue;
export function minimum(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'minimum', (x, y) => Math.min(x, y));
}

/** The elementwise power, base^exponent. Shapes, dtypes and errors as for {@link add}. */
export function pow(base: TensorLike, exponent: TensorLike): Tensor;
export function pow<S extends SampleShape>(
  base: GraphValue<S>,
  exponent: GraphValue<S> | number,
): GraphValue<S>;
export function pow(base: Operand, exponent: Operand): GraphValue;
export function pow(base: Operand, exponent: Operand): Operated {
  return combine(base, exponent, commonType, 'pow', (x, y) => x ** y);
}

/** The elementwise squared difference, (a - b)^2. Shapes, dtypes and errors as for {@link add}. */
export function squaredDifference(a: TensorLike, b: TensorLike): Tensor;
export function squaredDifference<S extends SampleShape>(
  a: GraphValue<S>,
  b: GraphValue<S> | number,
): GraphValue<S>;
export function squaredDifference(a: Operand, b: Operand): GraphValue;
export function squaredDifference(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'squaredDifference', (x, y) => (x - y) ** 2);
}

/**
 * The elementwise remainder of a / b with the sign of b. Shapes, dtypes and errors as for {@link add}.
 */
export function mod(a: TensorLike, b: TensorLike): Tensor;
export function mod<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function mod(a: Operand, b: Operand): GraphValue;
export function mod(a: Operand, b: Operand): Operated {
  return combine(a, b, commonType, 'mod', (x, y) => {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  });
}

/** The elementwise quotient, rounded down, int32. Shapes and errors as for {@link add}. */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor;
export function floorDiv<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function floorDiv(a: Operand, b: Operand): GraphValue;
export function floorDiv(a: Operand, b: Operand): Operated {
  return combine(a, b, 'int32', 'floorDiv', (x, y) => Math.floor(x / y));
}

/** Clips each element to [clipValueMin, clipValueMax]. NaN stays. */
export function clipByValue(x: TensorLike, clipValueMin: number, clipValueMax: number): Tensor;
export function clipByValue<S extends SampleShape>(
  x: GraphValue<S>,
  clipValueMin: number,
  clipValueMax: number,
): GraphValue<S>;
export function clipByValue(x: Operand, clipValueMin: number, clipValueMax: number): Operated {
  if (!(clipValueMin <= clipValueMax)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `clipByValue: clipValueMin is ${show(clipValueMin)} and clipValueMax ${show(clipValueMax)}; give two numbers in ascending order.`,
    );
  }
  const limits = { clipValueMin: finite(clipValueMin), clipValueMax: finite(clipValueMax) };
  const made = inGraph('clipByValue', [x], limits);
  return made ?? maximum(minimum(x as TensorLike, clipValueMax), clipValueMin);
}

/** The elementwise negation, -x. The result is int32 for whole numbers, else float32. */
export function neg(x: TensorLike): Tensor;
export function neg<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function neg(x: Operand): Operated {
  return mapElements(x, wholeType, 'neg', (value) => -value);
}

/** The elementwise absolute value, |x|, of x's dtype. */
export function abs(x: TensorLike): Tensor;
export function abs<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function abs(x: Operand): Operated {
  return mapElements(x, 'same', 'abs', Math.abs);
}

/** The elementwise square, x^2. The result is int32 for whole numbers (and wraps around), else float32. */
export function square(x: TensorLike): Tensor;
export function square<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function square(x: Operand): Operated {
  return mapElements(x, wholeType, 'square', (value) => value * value);
}

/** The elementwise square root, float32. NaN for negative numbers. */
export function sqrt(x: TensorLike): Tensor;
export function sqrt<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function sqrt(x: Operand): Operated {
  return mapElements(x, 'float32', 'sqrt', Math.sqrt);
}

/** The elementwise exponential, e^x, float32. */
export function exp(x: TensorLike): Tensor;
export function exp<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function exp(x: Operand): Operated {
  return mapElements(x, 'float32', 'exp', Math.exp);
}

/** The elementwise e^x - 1, float32, which is accurate for small x. */
export function expm1(x: TensorLike): Tensor;
export function expm1<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function expm1(x: Operand): Operated {
  return mapElements(x, 'float32', 'expm1', Math.expm1);
}

/** The elementwise reciprocal of the square root, 1 / sqrt(x), float32. */
export function rsqrt(x: TensorLike): Tensor;
export function rsqrt<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function rsqrt(x: Operand): Operated {
  return mapElements(x, 'float32', 'rsqrt', (value) => 1 / Math.sqrt(value));
}

/** The elementwise natural logarithm, float32. NaN for negative numbers. */
export function log(x: TensorLike): Tensor;
export function log<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function log(x: Operand): Operated {
  return mapElements(x, 'float32', 'log', Math.log);
}

/** The elementwise log(1 + x), float32, which is accurate for small x. */
export function log1p(x: TensorLike): Tensor;
export function log1p<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function log1p(x: Operand): Operated {
  return mapElements(x, 'float32', 'log1p', Math.log1p);
}

/** The elementwise sine of an angle in radians, float32. */
export function sin(x: TensorLike): Tensor;
export function sin<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function sin(x: Operand): Operated {
  return mapElements(x, 'float32', 'sin', Math.sin);
}

/** The elementwise cosine of an angle in radians, float32. */
export function cos(x: TensorLike): Tensor;
export function cos<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function cos(x: Operand): Operated {
  return mapElements(x, 'float32', 'cos', Math.cos);
}

/** The elementwise reciprocal, 1 / x, float32. */
export function reciprocal(x: TensorLike): Tensor;
export function reciprocal<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function reciprocal(x: Operand): Operated {
  return mapElements(x, 'float32', 'reciprocal', (value) => 1 / value);
}

/** Rounds each element down. */
export function floor(x: TensorLike): Tensor;
export function floor<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function floor(x: Operand): Operated {
  return mapElements(x, 'same', 'floor', Math.floor);
}

/** Rounds each element up. */
export function ceil(x: TensorLike): Tensor;
export function ceil<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function ceil(x: Operand): Operated {
  return mapElements(x, 'same', 'ceil', Math.ceil);
}

/** Rounds each element to the nearest whole number, halves to the even one. */
export function round(x: TensorLike): Tensor;
export function round<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function round(x: Operand): Operated {
  return mapElements(x, 'same', 'round', (value) => {
    const low = Math.floor(value);
    const isMiddle = value - low === 0.5;
    return isMiddle ? low + Math.abs(low % 2) : Math.round(value);
  });
}

/** The sign of each element: -1, 0 or 1. NaN stays. */
export function sign(x: TensorLike): Tensor;
export function sign<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function sign(x: Operand): Operated {
  return mapElements(x, 'same', 'sign', Math.sign);
}

/** The limit, or undefined for one that no number is beyond. */
function finite(limit: number): number | undefined {
  return Number.isFinite(limit) ? limit : undefined;
}

/** float32 for float32, else int32, which has room for signs and squares of bytes. */
function wholeType(x: TensorLike, what: string): 'float32' | 'int32' {
  return toTensor(x, `${what}: x`).dtype === 'float32' ? 'float32' : 'int32';
}
