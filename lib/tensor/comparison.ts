import { combine, mapElements } from './elementwise.js';
import type { GraphValue } from './graph.js';
import type { Operand, Operated } from './tensor-like.js';
import type { SampleShape } from './shapes.js';
import type { Tensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';

/**
 * Whether elements are equal, as bool. NaN equals nothing. Shapes are broadcast as NumPy does.
 *
 * @throws SHAPE_MISMATCH if the shapes can't be broadcast.
 */
export function equal(a: TensorLike, b: TensorLike): Tensor;
export function equal<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function equal(a: Operand, b: Operand): GraphValue;
export function equal(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'equal', (x, y) => (x === y ? 1 : 0));
}

/** Whether elements differ, as bool. NaN differs from everything. Shapes and errors as for {@link equal}. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor;
export function notEqual<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function notEqual(a: Operand, b: Operand): GraphValue;
export function notEqual(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'notEqual', (x, y) => (x === y ? 0 : 1));
}

/** Whether a > b, as bool; false for NaN. Shapes and errors as for {@link equal}. */
export function greater(a: TensorLike, b: TensorLike): Tensor;
export function greater<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function greater(a: Operand, b: Operand): GraphValue;
export function greater(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'greater', (x, y) => (x > y ? 1 : 0));
}

/** Whether a >= b, as bool; false for NaN. Shapes and errors as for {@link equal}. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor;
export function greaterEqual<S extends SampleShape>(
  a: GraphValue<S>,
  b: GraphValue<S> | number,
): GraphValue<S>;
export function greaterEqual(a: Operand, b: Operand): GraphValue;
export function greaterEqual(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'greaterEqual', (x, y) => (x >= y ? 1 : 0));
}

/** Whether a < b, as bool; false for NaN. Shapes and errors as for {@link equal}. */
export function less(a: TensorLike, b: TensorLike): Tensor;
export function less<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function less(a: Operand, b: Operand): GraphValue;
export function less(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'less', (x, y) => (x < y ? 1 : 0));
}

/** Whether a <= b, as bool; false for NaN. Shapes and errors as for {@link equal}. */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor;
export function lessEqual<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function lessEqual(a: Operand, b: Operand): GraphValue;
export function lessEqual(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'lessEqual', (x, y) => (x <= y ? 1 : 0));
}

/** Whether both elements are non-zero, as bool. Shapes and errors as for {@link equal}. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor;
export function logicalAnd<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function logicalAnd(a: Operand, b: Operand): GraphValue;
export function logicalAnd(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'logicalAnd', (x, y) => (x !== 0 && y !== 0 ? 1 : 0));
}

/** Whether at least one element is non-zero, as bool. Shapes and errors as for {@link equal}. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor;
export function logicalOr<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function logicalOr(a: Operand, b: Operand): GraphValue;
export function logicalOr(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'logicalOr', (x, y) => (x !== 0 || y !== 0 ? 1 : 0));
}

/** Whether exactly one element is non-zero, as bool. Shapes and errors as for {@link equal}. */
export function logicalXor(a: TensorLike, b: TensorLike): Tensor;
export function logicalXor<S extends SampleShape>(a: GraphValue<S>, b: GraphValue<S> | number): GraphValue<S>;
export function logicalXor(a: Operand, b: Operand): GraphValue;
export function logicalXor(a: Operand, b: Operand): Operated {
  return combine(a, b, 'bool', 'logicalXor', (x, y) => ((x !== 0) !== (y !== 0) ? 1 : 0));
}

/** Whether elements are 0, as bool. */
export function logicalNot(x: TensorLike): Tensor;
export function logicalNot<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function logicalNot(x: Operand): Operated {
  return mapElements(x, 'bool', 'logicalNot', (value) => (value === 0 ? 1 : 0));
}

/** Whether elements are NaN, as bool. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export function isNaN(x: TensorLike): Tensor;
// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export function isNaN<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
// biome-ignore lint/suspicious/noShadowRestrictedNames: TF.js's name.
export function isNaN(x: Operand): Operated {
  return mapElements(x, 'bool', 'isNaN', (value) => (Number.isNaN(value) ? 1 : 0));
}
