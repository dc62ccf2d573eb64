import { Dense } from '../../layers/core/dense.js';
import { Flatten } from '../../layers/reshaping/flatten.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { sizeOf } from '../../tensor/shapes.js';
import { addedBias } from '../added-bias.js';
import { type Constant, constant, reshaped, numberOf } from '../constants.js';
import { cannot, invalid, type MakeWeight, type Use } from '../context.js';
import { checkFolded, expanded } from '../fold.js';
import { type Computed, computed, identityOrder, type Value } from '../values.js';
import { add } from './arithmetic.js';
import { weightOf } from '../weights.js';

/** A product with a kernel, and what is added. */
interface Product {
  kernel: Constant;
  /** Whether the kernel is [units, inputs]. */
  isTransposed: boolean;
  factor: number;
  bias?: { constant: Constant; factor: number };
}

/** Gemm: alpha * a * b + beta * c. */
export function gemm(use: Use): Computed {
  const { node } = use;
  if (node.int('transA', 0) !== 0) return cannot('it transposes the batch (transA)');
  const kernel = use.constant(1, 'matrix b');
  if (kernel.shape.length !== 2) invalid(`its matrix b has ${kernel.shape.length} axes`);
  const added = use.optional(2);
  const c = added?.kind === 'constant' ? added : undefined;
  const isTransposed = node.int('transB', 0) !== 0;
  const units = kernel.shape[isTransposed ? 0 : 1];
  const bias = c && { constant: biasOf(c, units), factor: node.float('beta', 1) };
  const factor = node.float('alpha', 1);
  const made = product(use, use.value(0), { kernel, isTransposed, factor, ...(bias && { bias }) });
  if (!added || added.kind === 'constant') return made;
  if (node.float('beta', 1) !== 1) return cannot('its matrix c is computed by the model, and beta is not 1');
  const summand = use.context.unflattened(added);
  if (summand.dims.length !== 2) return cannot('its matrix c has no row for each sample');
  return add(use, made, summand);
}

function biasOf(c: Constant, units: number): Constant {
  const isRow = c.shape.length === 0 || sizeOf(c.shape) === c.shape[c.shape.length - 1];
  if (!isRow) return cannot('its matrix c has a row for each sample');
  const row = reshaped(c, c.shape.slice(-1));
  return row.shape[0] === units ? row : expanded(row, [units]);
}

/** A product of a value's last axis with a kernel, which the layer Dense computes. */
export function product(use: Use, x: Value, { kernel, isTransposed, factor, bias }: Product): Computed {
  const { context, node } = use;
  const [inputs, units] = isTransposed ? [kernel.shape[1], kernel.shape[0]] : kernel.shape;
  const size = x.kind === 'constant' ? undefined : x.dims[x.dims.length - 1];
  if (size !== inputs)
    invalid(`its matrix has ${inputs} rows, its input has ${size === undefined ? 'none' : String(size)}`);
  const { tensor, order, rows } = rowsOf(use, x, inputs);
  const shape = isTransposed ? [units, ...rows.shape] : [...rows.shape, units];
  const shift = isTransposed ? 1 : 0;
  const axes = [...rows.axes.map((axis) => axis + shift), isTransposed ? 0 : rows.shape.length];
  const makers: MakeWeight[] = [weightOf(kernel, { shape, axes, factor })];
  if (bias) makers.push(weightOf(bias.constant, { factor: bias.factor }));
  const key = JSON.stringify(['Dense', node.inputs.slice(1), isTransposed, factor, bias?.factor, axes]);
  const make = (name: string) => new Dense({ name, units, useBias: bias !== undefined });
  return computed(context.apply(make, node.name, tensor, makers, key), order);
}

/** How the rows of a kernel lie in memory: as these axes of a shape. */
interface Rows {
  shape: readonly number[];
  axes: readonly number[];
}

/** The tensor whose last axis meets the kernel's rows. */
function rowsOf(
  use: Use,
  x: Value,
  inputs: number,
): { tensor: SymbolicTensor; order: readonly number[]; rows: Rows } {
  const { context, node } = use;
  if (x.kind === 'constant') return cannot('its first matrix is a constant');
  const straight = { shape: [inputs], axes: [0] };
  if (x.kind === 'computed') {
    const isLast = x.order[x.order.length - 1] === x.order.length - 1;
    if (isLast) return { tensor: x.tensor, order: x.order, rows: straight };
    return { tensor: context.plain(x), order: identityOrder(x.order.length), rows: straight };
  }
  const { from } = x;
  const shape = from.dims
    .slice(1)
    .map((each) => (typeof each === 'number' ? each : cannot('it needs a known number of inputs')));
  const tensor = context.apply((name) => new Flatten({ name }), `${node.name}/flatten`, from.tensor);
  return { tensor, order: [0, 1], rows: { shape, axes: from.order.slice(1).map((axis) => axis - 1) } };
}

/** MatMul: with a constant matrix it is a dense layer, which takes the Add of a vector behind it as its bias. */
export function matMul(use: Use): Value {
  const { context, node } = use;
  const [left, right] = [use.value(0), use.value(1)];
  if (left.kind === 'constant' && right.kind === 'constant') return multiplied(left, right);
  if (left.kind !== 'constant' && right.kind === 'constant' && right.shape.length === 2) {
    const added = addedBias(use, right.shape[1]);
    const bias = added && { constant: added.vector, factor: 1 };
    const made = product(use, left, { kernel: right, isTransposed: false, factor: 1, ...(bias && { bias }) });
    if (added) context.set(added.node.outputs[0], made);
    return made;
  }
  if (left.kind === 'constant') return cannot('its first matrix is a constant');
  const a = context.unflattened(left);
  const b = right.kind === 'constant' ? constantFactor(a, right) : context.plain(context.unflattened(right));
  const tensor = context.operation('matMul', [context.plain(a), b], {}, node.name)[0];
  return computed(tensor);
}

function constantFactor(a: Computed, b: Constant): Constant {
  if (b.shape.length < 2 || b.shape.length > a.dims.length)
    return cannot(`its second matrix has ${b.shape.length} axes`);
  if (b.shape.length === a.dims.length && b.shape[0] !== 1)
    return cannot('its second matrix has one for each sample');
  return b;
}

function multiplied(a: Constant, b: Constant): Constant {
  if (a.shape.length !== 2 || b.shape.length !== 2)
    return cannot('it multiplies constants that are no matrices');
  const [rows, inner] = a.shape;
  const columns = b.shape[1];
  checkFolded([rows, columns, inner]);
  const values = Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let i = 0; i < inner; i++)
      sum += numberOf(a.elements[row * inner + i]) * numberOf(b.elements[i * columns + column]);
    return sum;
  });
  return constant(a.type, [rows, columns], values);
}
