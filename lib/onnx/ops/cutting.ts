import { Embedding } from '../../layers/core/embedding.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { type Constant, constant, numberOf } from '../constants.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { expanded, gathered, sliced } from '../fold.js';
import { sliceOfAxis } from '../../tensor/strided-slice.js';
import { withDims } from '../reshaping.js';
import { computeSize, indexInSample, isExpression, sameSize, type Size } from '../sizes.js';
import { type Computed, computed, identityOrder, type Value } from '../values.js';
import { weightOf } from '../weights.js';
import { broadcastDims } from './arithmetic.js';
import { flatless } from './rearranging.js';

/** A part of an axis. */
interface Cut {
  axis: number;
  start: Size;
  end: Size;
  step: number;
}

function readCuts(use: Use, rank: number): Cut[] {
  const listed = (index: number, name: string): Size[] | undefined => {
    const value = use.optionalConstant(index, name);
    if (value) return Array.from(value.elements as ArrayLike<Size>);
    const ints = use.node.ints(name);
    return ints && [...ints];
  };
  const starts = listed(1, 'starts') ?? invalid('its starts are missing');
  const ends = listed(2, 'ends') ?? invalid('its ends are missing');
  const axes = listed(3, 'axes') ?? identityOrder(starts.length);
  const steps = listed(4, 'steps') ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length))
    invalid('its lists differ in length');
  return axes.map((axis, i) => {
    const step = numberOf(steps[i]);
    if (step === 0) invalid('a step is 0');
    return { axis: readAxis(numberOf(axis), rank), start: starts[i], end: ends[i], step };
  });
}

/** A cut of a known size. Counting down, one that would begin before the first element begins there. */
function resolveCut({ start, end, step }: Cut, length: number): { start: number; size: number } {
  const from = numberOf(start);
  return sliceOfAxis(length, step, step < 0 ? Math.max(from, -length) : from, numberOf(end));
}

export function slice(use: Use): Value {
  const x = flatless(use, use.value(0));
  const rank = x.kind === 'constant' ? x.shape.length : x.dims.length;
  const cuts = readCuts(use, rank);
  if (x.kind === 'computed') return cuts.reduce((value, cut) => cutAxis(use, value, cut), x);
  const starts = x.shape.map(() => 0);
  const sizes = [...x.shape];
  const steps = x.shape.map(() => 1);
  for (const cut of cuts) {
    const { start, size } = resolveCut(cut, x.shape[cut.axis]);
    starts[cut.axis] = start;
    sizes[cut.axis] = size;
    steps[cut.axis] = cut.step;
  }
  return sliced(x, starts, sizes, steps);
}

function cutAxis(use: Use, x: Computed, cut: Cut): Computed {
  const { context, node } = use;
  const { axis, step } = cut;
  const size = x.dims[axis];
  if (axis === 0) return isWhole(cut) ? x : cannot('it cuts axis 0, the batch');
  const p = x.order.indexOf(axis);
  if (!isExpression(size) && !isExpression(cut.start) && !isExpression(cut.end)) {
    const { start: first, size: count } = resolveCut(cut, size);
    if (count === 0) return cannot('it leaves nothing');
    if (count === size && step === 1) return x;
    return computed(stridedSlice(use, x.tensor, p, first, count, step), x.order, x.dims.with(axis, count));
  }
  const end = !isExpression(cut.end) && cut.end >= 2 ** 30 ? size : fromEnd(cut.end, size);
  const start = fromEnd(cut.start, size);
  if (step !== 1) return cannot("it takes steps along a size that the file's inputs leave open");
  if (start === 0 && sameSize(end, size)) return x;
  const count = computeSize('sub', end, start);
  const begin = x.order.map((_, q): Size => (q === p ? start : 0));
  const sizes = x.order.map((_, q): Size => (q === p ? count : -1));
  const tensor = context.operation('slice', [x.tensor], { begin, size: sizes }, node.name)[0];
  return computed(tensor, x.order);
}

function fromEnd(index: Size, size: Size): Size {
  return !isExpression(index) && index < 0 ? computeSize('add', size, index) : index;
}

function isWhole({ start, end, step }: Cut): boolean {
  return start === 0 && step === 1 && (isExpression(end) ? end.kind === 'batch' : end >= 2 ** 30);
}

function stridedSlice(
  use: Use,
  tensor: SymbolicTensor,
  p: number,
  first: number,
  count: number,
  step: number,
): SymbolicTensor {
  const { context, node } = use;
  const axes = tensor.shape.map((_, q) => q);
  if (step === 1) {
    const begin = axes.map((q) => (q === p ? first : 0));
    const size = axes.map((q) => (q === p ? count : -1));
    return context.operation('slice', [tensor], { begin, size }, node.name)[0];
  }
  const indices = Array.from({ length: count }, (_, i) => first + i * step);
  return context.operation('gather', [tensor], { indices, indicesShape: [count], axis: p }, node.name)[0];
}

export function gather(use: Use): Value {
  const { context, node } = use;
  const x = flatless(use, use.value(0));
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  const axis = readAxis(node.int('axis', 0), dims.length);
  if (x.kind === 'constant' && use.value(1).kind !== 'constant') return embedded(use, x, axis);
  const given = use.constant(1, 'indices');
  const size = dims[axis];
  if (axis === 0 && x.kind === 'computed' && isOfSamples(given)) return gatherOfSamples(use, x, given);
  const indices = Array.from(given.elements as ArrayLike<Size>, (each) => indexIn(numberOf(each), size));
  if (x.kind === 'constant') return gathered(x, axis, indices, given.shape);
  if (axis === 0) return cannot('it picks from axis 0, the batch');
  const p = x.order.indexOf(axis);
  const flat = { indices, indicesShape: [indices.length], axis: p };
  const isRun = indices.length > 0 && indices.every((each, i) => each === indices[0] + i);
  const tensor = isRun
    ? stridedSlice(use, x.tensor, p, indices[0], indices.length, 1)
    : context.operation('gather', [x.tensor], flat, node.name)[0];
  const picked = computed(tensor, x.order, x.dims.with(axis, indices.length));
  if (given.shape.length === 1) return picked;
  return withDims(
    context,
    picked,
    [...dims.slice(0, axis), ...given.shape, ...dims.slice(axis + 1)],
    `${node.name}/shape`,
  );
}

/** Rows of a table, by indices that the model computes. */
function embedded(use: Use, table: Constant, axis: number): Computed {
  const { context, node } = use;
  if (axis !== 0 || table.shape.length !== 2 || table.type !== 'float')
    return cannot('it picks from a constant, which is no table of rows, by computed indices');
  const [inputDim, outputDim] = table.shape;
  const make = (name: string) => new Embedding({ name, inputDim, outputDim });
  const indices = context.plain(use.computed(1));
  const key = JSON.stringify([node.op, node.inputs[0]]);
  return computed(context.apply(make, node.name, indices, [weightOf(table)], key));
}

function isOfSamples({ isKnown, elements }: Constant): boolean {
  return !isKnown && isExpression(elements[0]);
}

/**
 * Picks of the elements of all samples, one after another, as PyTorch's exporter writes a view with strides of its
 * own. Each sample must pick its own elements.
 */
function gatherOfSamples(use: Use, x: Computed, { elements, shape }: Constant): Computed {
  const [, count] = x.dims;
  const indices = Array.from(elements as ArrayLike<Size>, (each) =>
    typeof count === 'number' && x.dims.length === 2 ? indexInSample(each, count) : undefined,
  );
  if (shape[0] !== 1 || !indices.every((each) => each !== undefined))
    return cannot('it picks from several samples');
  const { context, node } = use;
  const isWhole = indices.length === count && indices.every((each, i) => each === i);
  const attributes = { indices, indicesShape: [indices.length], axis: 1 };
  const tensor = isWhole ? x.tensor : context.operation('gather', [x.tensor], attributes, node.name)[0];
  const picked = computed(tensor, [0, 1], [x.dims[0], indices.length]);
  return withDims(context, picked, [x.dims[0], ...shape.slice(1)], `${node.name}/shape`);
}

function indexIn(index: number, size: Size): number {
  if (isExpression(size))
    return index >= 0 ? index : cannot("it picks from the end of a size that isn't known");
  const at = index < 0 ? index + size : index;
  return at >= 0 && at < size ? at : invalid(`it picks ${index} of ${size} elements`);
}

export function split(use: Use): Value[] {
  const { context, node } = use;
  const x = flatless(use, use.value(0));
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  const axis = readAxis(node.int('axis', 0), dims.length);
  const total = dims[axis];
  if (isExpression(total)) return cannot("it splits a size that the file's inputs leave open, or the batch");
  const count = node.outputs.length;
  const part = Math.ceil(total / count);
  const equal = node.outputs.map((_, i) => Math.min(part, total - i * part));
  const sizes = use.numbers(1, 'split') ?? equal;
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== total)
    invalid(`its parts [${sizes.join(', ')}] don't make up ${total}`);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  if (x.kind === 'constant') {
    const ones = x.shape.map(() => 1);
    return sizes.map((size, i) =>
      sliced(
        x,
        x.shape.map((_, a) => (a === axis ? starts[i] : 0)),
        x.shape.with(axis, size),
        ones,
      ),
    );
  }
  if (axis === 0) return cannot('it splits axis 0, the batch');
  const p = x.order.indexOf(axis);
  // Parts that nothing uses would be outputs that no model may have: each used part is cut by itself.
  const isUsed = (i: number) => context.uses.has(node.outputs[i]);
  if (node.outputs.every((_, i) => isUsed(i) && sizes[i] > 0) && count > 1) {
    const tensors = context.operation('split', [x.tensor], { numOrSizeSplits: sizes, axis: p }, node.name);
    return tensors.map((tensor, i) => computed(tensor, x.order, x.dims.with(axis, sizes[i])));
  }
  return sizes.map((size, i) => {
    if (size === 0) return emptyPart(x, axis);
    if (!isUsed(i)) return x;
    return computed(stridedSlice(use, x.tensor, p, starts[i], size, 1), x.order, x.dims.with(axis, size));
  });
}

/** A part without elements, which Concat leaves out. */
function emptyPart({ dims }: Computed, axis: number): Constant {
  const shape = dims.map((size) => (isExpression(size) ? 1 : size)).with(axis, 0);
  return constant('float', shape, []);
}

/** Repeats axes of size 1; its shape may have fewer axes than its input. */
export function expand(use: Use): Value {
  const { context, node } = use;
  const x = flatless(use, use.value(0));
  const wanted = Array.from(use.constant(1, 'shape').elements as ArrayLike<Size>);
  if (x.kind === 'constant') return expandConstant(x, wanted);
  if (wanted.length > x.dims.length) return cannot('it puts axes before axis 0, the batch');
  const missing = x.dims.length - wanted.length;
  const all: Size[] = [...new Array<number>(missing).fill(1), ...wanted];
  if (!isExpression(all[0]) && all[0] !== 1 && all[0] !== context.fixedBatch)
    return cannot('it repeats axis 0, the batch');
  const dims = broadcastDims(x.dims, [1, ...all.slice(1)]);
  if (dims.every((size, axis) => sameSize(size, x.dims[axis]))) return x;
  const shape = x.order.map((axis): Size => (axis === 0 ? -1 : dims[axis]));
  return computed(context.operation('broadcastTo', [x.tensor], { shape }, node.name)[0], x.order, dims);
}

function expandConstant(x: Constant, wanted: readonly Size[]): Constant {
  return expanded(x, broadcastDims(x.shape, wanted.map(numberOf)) as number[]);
}

/** Repeats whole axes. */
export function tile(use: Use): Value {
  const { context, node } = use;
  const x = use.computed(0);
  const repeats = use.numbers(1, 'repeats') ?? invalid('its repeats are missing');
  if (repeats.length !== x.dims.length) invalid(`it has ${repeats.length} repeats for ${x.dims.length} axes`);
  if (repeats[0] !== 1) return cannot('it repeats axis 0, the batch');
  const reps = x.order.map((axis) => repeats[axis]);
  const dims = x.dims.map((size, axis) => (axis === 0 ? size : computeSize('mul', size, repeats[axis])));
  return computed(context.operation('tile', [x.tensor], { reps }, node.name)[0], x.order, dims);
}
