import { Add } from '../../layers/merging/add.js';
import { Maximum } from '../../layers/merging/maximum.js';
import { Minimum } from '../../layers/merging/minimum.js';
import { Multiply } from '../../layers/merging/multiply.js';
import { Subtract } from '../../layers/merging/subtract.js';
import type { Layer } from '../../layers/base-layer.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { broadcastShapes, sizeOf } from '../../tensor/shapes.js';
import { type Constant, type ElementType, reshaped, numberOf } from '../constants.js';
import { cannot, invalid, type Use } from '../context.js';
import type { OperationArgument } from '../size-attributes.js';
import { mapped, transposed } from '../fold.js';
import { computeSize, isExpression, sameSize, type Size, type SizeOperation } from '../sizes.js';
import { type Computed, computed, type Value } from '../values.js';
import { gate } from './gates.js';
import { flatless } from './rearranging.js';

/** A function of two values. */
interface Binary {
  /** The operation's name. */
  op: string;
  compute(a: number, b: number): number;
  /** On sizes that aren't known. */
  sizes?: SizeOperation;
  /** The layer for values of one shape. */
  layer?: new (options: {
    name: string;
  }) => Layer;
  /** Of a comparison: 1 or 0. */
  type?: ElementType;
}

const compare = (op: string, compute: (a: number, b: number) => boolean): Binary => ({
  op,
  type: 'bool',
  compute: (a, b) => Number(compute(a, b)),
});

const BINARIES: Readonly<Record<string, Binary>> = {
  Add: { op: 'add', compute: (a, b) => a + b, sizes: 'add', layer: Add },
  Sub: { op: 'sub', compute: (a, b) => a - b, sizes: 'sub', layer: Subtract },
  Mul: { op: 'mul', compute: (a, b) => a * b, sizes: 'mul', layer: Multiply },
  Div: { op: 'div', compute: (a, b) => a / b, sizes: 'div' },
  Pow: { op: 'pow', compute: (a, b) => a ** b },
  Max: { op: 'maximum', compute: Math.max, sizes: 'max', layer: Maximum },
  Min: { op: 'minimum', compute: Math.min, sizes: 'min', layer: Minimum },
  // The remainder has the sign of the divisor.
  Mod: { op: 'mod', compute: (a, b) => a - Math.floor(a / b) * b },
  Less: compare('less', (a, b) => a < b),
  LessOrEqual: compare('lessEqual', (a, b) => a <= b),
  Greater: compare('greater', (a, b) => a > b),
  GreaterOrEqual: compare('greaterEqual', (a, b) => a >= b),
  Equal: compare('equal', (a, b) => a === b),
  And: compare('logicalAnd', (a, b) => a !== 0 && b !== 0),
  Or: compare('logicalOr', (a, b) => a !== 0 || b !== 0),
  Xor: compare('logicalXor', (a, b) => (a !== 0) !== (b !== 0)),
};

export const BINARY_NAMES = Object.keys(BINARIES);

/** A function of two values, or of several one after the other (Max, Min). */
export function binary(use: Use): Value {
  const { node } = use;
  const function_ = BINARIES[node.op];
  const values = node.inputs.map((_, i) => broadcastAsBefore(use, use.value(i), i));
  return values.slice(1).reduce((left, right) => combine(use, function_, left, right), values[0]);
}

export function sum(use: Use): Value {
  const values = use.node.inputs.map((_, i) => use.value(i));
  return values.slice(1).reduce((left, right) => combine(use, BINARIES.Add, left, right), values[0]);
}

export function mean(use: Use): Value {
  const total = sum(use);
  const count = { kind: 'constant', type: 'float', shape: [], elements: [use.count], isKnown: true } as const;
  return combine(use, BINARIES.Div, total, count);
}

/** Before opset 7, the second input had the axes from `axis` on, if `broadcast` was set. */
function broadcastAsBefore({ context, node }: Use, value: Value, index: number): Value {
  const axis = node.int('axis');
  if (index !== 1 || context.opset >= 7 || axis === undefined || value.kind !== 'constant') return value;
  const first = context.value(node.inputs[0]) as Value;
  const rank = first.kind === 'constant' ? first.shape.length : first.dims.length;
  const start = axis < 0 ? axis + rank : axis;
  const shape = [
    ...value.shape,
    ...new Array<number>(Math.max(0, rank - start - value.shape.length)).fill(1),
  ];
  return reshaped(value, shape);
}

function combine(use: Use, function_: Binary, left: Value, right: Value): Value {
  if (left.kind === 'constant' && right.kind === 'constant') return foldPair(use, function_, left, right);
  const gated = gate(use);
  if (gated) return gated;
  if (left.kind === 'constant') return withConstant(use, function_, right as Computed, left, true);
  if (right.kind === 'constant') return withConstant(use, function_, left, right, false);
  return pair(use, function_, use.context.unflattened(left), use.context.unflattened(right));
}

function foldPair(
  { node }: Use,
  { compute, sizes, type }: Binary,
  left: Constant,
  right: Constant,
): Constant {
  const isInteger = left.type === 'integer';
  return mapped(type ?? left.type, [left, right], (a, b): Size => {
    if (isExpression(a) || isExpression(b))
      return sizes ? computeSize(sizes, a, b) : compareSizes(node.op, a, b);
    if (node.op === 'Mod' && node.int('fmod', 0) !== 0) return a % b;
    const value = compute(a, b);
    return isInteger && node.op === 'Div' ? Math.trunc(value) : value;
  });
}

/** Sizes are equal if their expressions are; -1 and 0 are none. */
function compareSizes(op: string, a: Size, b: Size): number {
  if (op === 'Equal' && sameSize(a, b)) return 1;
  const other = isExpression(a) ? b : a;
  if (op === 'Equal' && !isExpression(other) && other < 1) return 0;
  if (op === 'Mod' && b === 1) return 0;
  return cannot("it compares sizes that the file's inputs leave open");
}

/** A value with a constant, which a weight of the operation has if it is more than a number. */
function withConstant(
  use: Use,
  { op }: Binary,
  given: Computed | Extract<Value, { kind: 'flattened' }>,
  constant: Constant,
  isLeft: boolean,
): Value {
  const { context, node } = use;
  const call = (tensor: SymbolicTensor, operand: OperationArgument) =>
    context.operation(op, isLeft ? [operand, tensor] : [tensor, operand], {}, node.name)[0];
  if (sizeOf(constant.shape) === 1) {
    const number = numberOf(constant.elements[0]);
    const x = given.kind === 'flattened' ? given.from : given;
    if (constant.shape.length <= x.dims.length) {
      const made = computed(call(x.tensor, number), x.order, x.dims);
      return given.kind === 'flattened' ? { ...given, from: made } : made;
    }
  }
  const x = context.unflattened(given);
  const operand = physicalConstant(x, constant);
  const isTrainable = constant.isWeight === true && (op === 'add' || op === 'mul');
  const tensor = call(x.tensor, { ...operand, isTrainable });
  const dims = broadcastDims(x.dims, constant.shape);
  return computed(tensor, x.order, dims);
}

/** A constant whose axes lie as those of a value. */
export function physicalConstant(x: Computed, constant: Constant): Constant {
  const missing = x.dims.length - constant.shape.length;
  if (missing < 0) return cannot(`its constant has ${constant.shape.length} axes, more than its value`);
  const shape = [...new Array<number>(missing).fill(1), ...constant.shape];
  if (shape[0] !== 1) return cannot('its constant has numbers for each sample of the batch');
  return transposed(reshaped(constant, shape), x.order);
}

export function broadcastDims(a: readonly Size[], b: readonly Size[]): Size[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === 1) return right;
    if (right === 1) return left;
    return isExpression(left) ? right : left;
  });
}

/** The order for values that meet: that of the larger one, or of images. */
export function commonOrder(values: readonly Computed[]): readonly number[] {
  const wide = ({ dims }: Computed) => dims.filter((size) => size !== 1).length;
  const isImage = ({ order }: Computed) => order[order.length - 1] === 1 && order.length > 2;
  return [...values].sort((a, b) => wide(b) - wide(a) || Number(isImage(b)) - Number(isImage(a)))[0].order;
}

function pair(use: Use, { op, layer: Class }: Binary, left: Computed, right: Computed): Computed {
  const { context, node } = use;
  if (left.dims.length !== right.dims.length)
    return cannot(
      `its inputs have ${left.dims.length} and ${right.dims.length} axes, so that their batches don't meet`,
    );
  const order = commonOrder([left, right]);
  const tensors = [left, right].map((each) => context.ordered(each, order, `${node.name}/transpose`));
  const dims = broadcastDims(left.dims, right.dims);
  checkBroadcast(left, right);
  // Sizes that aren't known are taken for equal.
  const isSame = left.dims.every((size, axis) => {
    const other = right.dims[axis];
    return isExpression(size) ? isExpression(other) : size === other;
  });
  if (isSame && Class)
    return computed(
      context.apply((name) => new Class({ name }), node.name, tensors),
      order,
      dims,
    );
  return computed(context.operation(op, tensors, {}, node.name)[0], order, dims);
}

/** The sum of two values. */
export function add(use: Use, left: Computed, right: Computed): Computed {
  return pair(use, BINARIES.Add, left, right);
}

function checkBroadcast(left: Computed, right: Computed): void {
  const numbers = ({ dims }: Computed) => dims.map((size) => (isExpression(size) ? 1 : size));
  try {
    broadcastShapes(numbers(left), numbers(right), 'its inputs');
  } catch (error) {
    invalid((error as Error).message);
  }
}

/** Functions of one number. */
interface Unary {
  op: string;
  compute(x: number): number;
}

const UNARIES: Readonly<Record<string, Unary>> = {
  Abs: { op: 'abs', compute: Math.abs },
  Neg: { op: 'neg', compute: (x) => -x },
  Sign: { op: 'sign', compute: Math.sign },
  Floor: { op: 'floor', compute: Math.floor },
  Ceil: { op: 'ceil', compute: Math.ceil },
  Round: { op: 'round', compute: roundHalfToEven },
  Log: { op: 'log', compute: Math.log },
  Exp: { op: 'exp', compute: Math.exp },
  Sqrt: { op: 'sqrt', compute: Math.sqrt },
  Reciprocal: { op: 'reciprocal', compute: (x) => 1 / x },
  Erf: { op: 'erf', compute: () => cannot("it takes a constant, which isn't computed here") },
  Sin: { op: 'sin', compute: Math.sin },
  Cos: { op: 'cos', compute: Math.cos },
  Not: { op: 'logicalNot', compute: (x) => Number(x === 0) },
};

export const UNARY_NAMES = Object.keys(UNARIES);

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

export function unary(use: Use): Value {
  const { op, compute } = UNARIES[use.node.op];
  const value = use.value(0);
  if (value.kind !== 'constant') return operate(use, value, op);
  return mapped(value.type, [value], (x) => {
    if (isExpression(x))
      return op === 'floor' || op === 'ceil' ? x : cannot("it takes sizes that aren't known");
    return compute(x);
  });
}

/** Applies an operation to each element, wherever it lies. */
export function operate(use: Use, value: Exclude<Value, Constant>, op: string, attributes = {}): Value {
  const { context, node } = use;
  const from = value.kind === 'flattened' ? value.from : value;
  const made = computed(
    context.operation(op, [from.tensor], attributes, node.name)[0],
    from.order,
    from.dims,
  );
  return value.kind === 'flattened' ? { ...value, from: made } : made;
}

export function where(use: Use): Value {
  const { context, node } = use;
  const values = [0, 1, 2].map((i) => flatless(use, use.value(i)));
  const constants = values.filter((each) => each.kind === 'constant');
  if (constants.length === 3) {
    return mapped(constants[1].type, constants, (test, a, b) => (numberOf(test) !== 0 ? a : b));
  }
  const all = values.filter((each) => each.kind === 'computed');
  const rank = Math.max(...all.map(({ dims }) => dims.length));
  if (all.some(({ dims }) => dims.length !== rank))
    return cannot('its inputs have different numbers of axes');
  const order = commonOrder(all);
  const args = values.map((each): OperationArgument => {
    if (each.kind === 'computed') return context.ordered(each, order);
    if (sizeOf(each.shape) === 1) return numberOf(each.elements[0]);
    return physicalConstant({ ...all[0], order }, each);
  });
  const dims = values
    .map((each) => (each.kind === 'constant' ? each.shape : each.dims))
    .reduce<Size[]>((a, b) => broadcastDims(a, b), []);
  return computed(context.operation('where', args, {}, node.name)[0], order, dims);
}
