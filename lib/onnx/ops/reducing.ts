import { GlobalAveragePooling2D } from '../../layers/pooling/global-average-pooling2d.js';
import { GlobalMaxPooling2D } from '../../layers/pooling/global-max-pooling2d.js';
import { sizeOf } from '../../tensor/shapes.js';
import { type Constant, numberOf } from '../constants.js';
import { cannot, readAxis, type Use } from '../context.js';
import { reducedConstant } from '../fold.js';
import { computeSize, type Size } from '../sizes.js';
import { type Computed, computed, identityOrder, type Value } from '../values.js';
import { operate } from './arithmetic.js';
import { flatless } from './rearranging.js';

/** How a reduction is computed: an operation before, one along the axes, one after. */
interface Reduction {
  before?: string;
  op: string;
  after?: string;
  combine?(a: number, b: number): number;
}

const add = (a: number, b: number) => a + b;

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  ReduceSum: { op: 'sum', combine: add },
  ReduceMean: { op: 'mean' },
  ReduceMax: { op: 'max', combine: Math.max },
  ReduceMin: { op: 'min', combine: Math.min },
  ReduceProd: { op: 'prod', combine: (a, b) => a * b },
  ReduceL1: { before: 'abs', op: 'sum' },
  ReduceL2: { before: 'square', op: 'sum', after: 'sqrt' },
  ReduceSumSquare: { before: 'square', op: 'sum' },
  ReduceLogSum: { op: 'sum', after: 'log' },
  ReduceLogSumExp: { op: 'logSumExp' },
};

export const REDUCTION_NAMES = Object.keys(REDUCTIONS);

export function reduce(use: Use): Value {
  const { node } = use;
  const x = flatless(use, use.value(0));
  const rank = x.kind === 'constant' ? x.shape.length : x.dims.length;
  const given = use.numbers(1, 'axes')?.map((axis) => readAxis(axis, rank));
  const isAll = given === undefined || given.length === 0;
  if (isAll && node.int('noop_with_empty_axes', 0) !== 0) return x;
  const axes = isAll ? identityOrder(rank) : given;
  const keepDims = node.int('keepdims', 1) !== 0;
  if (x.kind === 'constant') return reduceConstant(node.op, x, axes, keepDims);
  if (axes.includes(0)) return cannot('it reduces axis 0, the batch');
  return reduceAxes(use, x, axes, keepDims);
}

function reduceConstant(op: string, x: Constant, axes: readonly number[], keepDims: boolean): Constant {
  const { combine } = REDUCTIONS[op];
  if (combine && x.isKnown) return reducedConstant(x, axes, keepDims, combine);
  if (!x.isKnown && op === 'ReduceProd' && x.shape.length === 1) {
    const product = Array.from(x.elements).reduce<Size>((a, b) => computeSize('mul', a, b), 1);
    return { ...x, shape: keepDims ? [1] : [], elements: [product], isKnown: typeof product === 'number' };
  }
  if (op !== 'ReduceMean') return cannot("it takes a constant, which isn't computed here");
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const total = reducedConstant(x, axes, keepDims, add);
  return { ...total, elements: Array.from(total.elements, (each) => numberOf(each) / count) };
}

function reduceAxes(use: Use, x: Computed, axes: readonly number[], keepDims: boolean): Computed {
  const { context, node } = use;
  const { before, op, after } = REDUCTIONS[node.op];
  const positions = axes.map((axis) => x.order.indexOf(axis)).sort((a, b) => a - b);
  const order = keepDims ? x.order : without(x.order, axes);
  const dims = x.dims
    .map((size, axis) => (axes.includes(axis) ? 1 : size))
    .filter((_, axis) => keepDims || !axes.includes(axis));
  const pools = { mean: GlobalAveragePooling2D, max: GlobalMaxPooling2D } as const;
  const Pool =
    positions.join() === '1,2' && x.order.length === 4 && !before
      ? pools[op as keyof typeof pools]
      : undefined;
  if (Pool) {
    const pooled = context.apply((name) => new Pool({ name, keepDims }), node.name, x.tensor);
    return computed(pooled, order, dims);
  }
  const from = before ? (operate(use, x, before) as Computed) : x;
  const tensor = context.operation(op, [from.tensor], { axis: positions, keepDims }, node.name)[0];
  const reduced = computed(tensor, order, dims);
  return after ? (operate(use, reduced, after) as Computed) : reduced;
}

/** The order without some axes, the others counted anew. */
function without(order: readonly number[], axes: readonly number[]): number[] {
  const rest = order.filter((axis) => !axes.includes(axis));
  return rest.map((axis) => axis - axes.filter((each) => each < axis).length);
}
