import type { FoldedNode } from './folded-node.js';
import { type Known, known, type Size, type SizeFunction, sizeOfAxis, type Value } from './values.js';
import { sizeOf, stridesOf } from '../tensor/shapes.js';
import type { Shape } from '../tensor/shapes.js';
import { slicedAxes } from './strided-slice.js';

/** Most elements that a fold makes, in milliseconds. Constants that are larger are stored. */
const MAX_FOLDED = 2 ** 18;

/** How deep the computation of a size may nest. */
const MAX_DEPTH = 16;

type Fold = (node: FoldedNode, inputs: readonly Known[]) => Known | readonly Known[];

/**
 * Computes a node whose inputs are all known, or the shape of one. Undefined if the op isn't one that is
 * computed beforehand.
 */
export function fold(node: FoldedNode, inputs: readonly Value[]): readonly Known[] | undefined {
  const [first] = inputs;
  if (first?.kind === 'computed' && ['Shape', 'Rank', 'Size'].includes(node.op)) {
    const { tensor } = first;
    const sizes = [0, ...tensor.sampleShape].map((_, axis) => sizeOfAxis(tensor, axis));
    return [shapeValue(node, sizes)];
  }
  if (!Object.hasOwn(FOLDS, node.op) || !inputs.every((each) => each.kind === 'known')) return undefined;
  const needed = INPUTS[node.op] ?? 1;
  if (inputs.length < needed) return node.corrupt(`it has ${inputs.length} inputs, not ${needed}`);
  const result = FOLDS[node.op](node, inputs as readonly Known[]);
  return Array.isArray(result) ? result : [result as Known];
}

function shapeValue(node: FoldedNode, sizes: readonly Size[]): Known {
  if (node.op === 'Shape') return known([sizes.length], sizes);
  if (node.op === 'Rank') return known([], [sizes.length]);
  return known([], [sizes.reduce<Size>((product, size) => compute(node, 'mul', product, size), 1)]);
}

const NUMBERS: Readonly<Record<SizeFunction, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => Math.floor(a / b),
  max: Math.max,
  min: Math.min,
};

function compute(node: FoldedNode, name: SizeFunction, a: Size, b: Size): Size {
  if (typeof a === 'number' && typeof b === 'number') return NUMBERS[name](a, b);
  if (b === 1 && (name === 'mul' || name === 'div')) return a;
  if (a === 1 && name === 'mul') return b;
  if (b === 0 && (name === 'add' || name === 'sub')) return a;
  if (a === 0 && name === 'add') return b;
  const depth = 1 + Math.max(depthOf(a), depthOf(b));
  if (depth > MAX_DEPTH) return node.fail('it computes a size from other sizes in too many steps');
  return { compute: name, operands: [a, b], depth };
}

function depthOf(size: Size): number {
  return typeof size === 'object' && 'depth' in size ? size.depth : 0;
}

/** Elements of a value of this shape, checked against the limit. */
function elements(node: FoldedNode, shape: Shape): Size[] {
  const count = sizeOf(shape);
  if (count <= MAX_FOLDED) {
    node.spend(count);
    return new Array(count);
  }
  return node.fail(`it makes a constant of ${count} elements; at most ${MAX_FOLDED} are computed`);
}

/** An elementwise function of sizes. */
function binary(name: SizeFunction, ofNumbers?: (a: number, b: number) => number): Fold {
  return (node, [a, b]) => {
    const rank = Math.max(a.shape.length, b.shape.length);
    const padded = [a, b].map(({ shape }) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
    const shape = padded[0].map((size, axis) => (size === 1 ? padded[1][axis] : size));
    if (padded.some((sizes) => sizes.some((size, axis) => size !== 1 && size !== shape[axis])))
      return node.corrupt('the shapes of its constants do not fit');
    const values = elements(node, shape);
    const strides = padded.map((sizes) =>
      stridesOf(sizes).map((each, axis) => (sizes[axis] === 1 ? 0 : each)),
    );
    const own = stridesOf(shape);
    for (let i = 0; i < values.length; i++) {
      const at = (side: 0 | 1) =>
        own.reduce(
          (sum, stride, axis) => sum + (Math.floor(i / stride) % shape[axis]) * strides[side][axis],
          0,
        );
      const [left, right] = [a.values[at(0)], b.values[at(1)]];
      const both = typeof left === 'number' && typeof right === 'number';
      values[i] = both && ofNumbers ? ofNumbers(left, right) : compute(node, name, left, right);
    }
    return known(shape, values);
  };
}

function unary(ofNumber: (value: number) => number): Fold {
  return (_node, [{ shape, values }]) =>
    known(
      shape,
      Array.from(values, (each) => (typeof each === 'number' ? ofNumber(each) : each)),
    );
}

/** The least number of inputs of ops that need more than one. */
const INPUTS: Readonly<Record<string, number>> = {
  Add: 2,
  AddV2: 2,
  Sub: 2,
  Mul: 2,
  FloorDiv: 2,
  RealDiv: 2,
  Maximum: 2,
  Minimum: 2,
  ConcatV2: 2,
  Range: 3,
  Fill: 2,
  Reshape: 2,
  ExpandDims: 2,
  Transpose: 2,
  StridedSlice: 3,
  GatherV2: 2,
};

const asIs: Fold = (_node, [input]) => input;

const FOLDS: Readonly<Record<string, Fold>> = {
  Identity: asIs,
  PlaceholderWithDefault: asIs,
  StopGradient: asIs,
  Shape: (node, [{ shape }]) => shapeValue(node, shape),
  Rank: (node, [{ shape }]) => shapeValue(node, shape),
  Size: (node, [{ shape }]) => shapeValue(node, shape),
  Add: binary('add'),
  AddV2: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  FloorDiv: binary('div'),
  RealDiv: binary('div', (a, b) => a / b),
  Maximum: binary('max'),
  Minimum: binary('min'),
  Neg: unary((value) => -value),
  Sqrt: unary(Math.sqrt),
  Rsqrt: unary((value) => 1 / Math.sqrt(value)),
  Floor: unary(Math.floor),
  Cast(node, [input]) {
    const to = node.attributes.type('DstT');
    return [3, 9, 'DT_INT32', 'DT_INT64'].includes(to as string) ? unary(Math.trunc)(node, [input]) : input;
  },
  Prod: reduce('mul', 1),
  Sum: reduce('add', 0),
  Pack(node, inputs) {
    const [{ shape }] = inputs;
    const axis = axisOf(node.attributes.whole('axis'), shape.length + 1);
    const stacked = inputs.map((each) =>
      known([...shape.slice(0, axis), 1, ...shape.slice(axis)], each.values),
    );
    return concat(node, stacked, axis);
  },
  ConcatV2(node, inputs) {
    const axis = numberOf(node, inputs[inputs.length - 1]);
    return concat(node, inputs.slice(0, -1), axisOf(axis, inputs[0].shape.length));
  },
  Range(node, [start, limit, step]) {
    const [from, to, by] = [start, limit, step].map((each) => numberOf(node, each));
    const count = Math.max(0, Math.ceil((to - from) / by));
    if (!Number.isFinite(count)) return node.fail('its step is 0');
    const values = elements(node, [count]);
    for (let i = 0; i < count; i++) values[i] = from + i * by;
    return known([count], values);
  },
  Fill(node, [sizes, value]) {
    const shape = numberList(node, sizes);
    return known(shape, elements(node, shape).fill(value.values[0]));
  },
  Reshape(node, [input, sizes]) {
    const target = numberList(node, sizes);
    const given = target.filter((size) => size !== -1);
    const shape = target.map((size) => (size === -1 ? sizeOf(input.shape) / sizeOf(given) : size));
    if (sizeOf(shape) !== sizeOf(input.shape)) return node.fail('its sizes need another number of elements');
    return known(shape, input.values);
  },
  ExpandDims(node, [input, axes]) {
    const axis = axisOf(numberOf(node, axes), input.shape.length + 1);
    return known([...input.shape.slice(0, axis), 1, ...input.shape.slice(axis)], input.values);
  },
  Squeeze(node, [{ shape, values }]) {
    const given = node.attributes.wholes('squeeze_dims').map((axis) => axisOf(axis, shape.length));
    const isGone = (size: number, axis: number) => (given.length > 0 ? given.includes(axis) : size === 1);
    return known(
      shape.filter((size, axis) => !isGone(size, axis)),
      values,
    );
  },
  Transpose(node, [input, order]) {
    const axes = numberList(node, order);
    const strides = stridesOf(input.shape);
    return pick(
      node,
      input,
      axes.map((axis) => input.shape[axis]),
      axes.map((axis) => strides[axis]),
      0,
    );
  },
  StridedSlice(node, [input, ...bounds]) {
    const lists = bounds.map((each) => numberList(node, each));
    const slices = slicedAxes(node, input.shape, lists);
    const strides = stridesOf(input.shape);
    let start = 0;
    const [shape, steps]: [number[], number[]] = [[], []];
    for (const slice of slices) {
      if (slice.axis !== undefined) start += slice.start * strides[slice.axis];
      if (slice.isShrunk) continue;
      shape.push(slice.size);
      steps.push(slice.axis === undefined ? 0 : slice.step * strides[slice.axis]);
    }
    return pick(node, input, shape, steps, start);
  },
  GatherV2(node, [input, indices, axes]) {
    const axis = axes ? axisOf(numberOf(node, axes), input.shape.length) : 0;
    if (input.shape.length !== 1 || axis !== 0)
      return node.fail('it gathers from a constant of several axes');
    const picked = Array.from(
      numberList(node, indices),
      (index) => input.values[index] ?? node.fail('an index is too large'),
    );
    return known(indices.shape, picked);
  },
};

/** Ops that are computed beforehand. */
export const FOLDED_OPS: ReadonlySet<string> = new Set(Object.keys(FOLDS));

/** Copies elements at a start and steps. */
function pick(node: FoldedNode, input: Known, shape: Shape, steps: Shape, start: number): Known {
  const values = elements(node, shape);
  const own = stridesOf(shape);
  for (let i = 0; i < values.length; i++) {
    const at = own.reduce(
      (sum, stride, axis) => sum + (Math.floor(i / stride) % shape[axis]) * steps[axis],
      start,
    );
    values[i] = input.values[at] ?? node.fail('it reads beyond its input');
  }
  return known(shape, values);
}

function concat(node: FoldedNode, inputs: readonly Known[], axis: number): Known {
  const [{ shape }] = inputs;
  const joined = shape.map((size, i) =>
    i === axis ? inputs.reduce((sum, each) => sum + each.shape[axis], 0) : size,
  );
  const values = elements(node, joined);
  const rows = sizeOf(shape.slice(0, axis));
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    for (const input of inputs) {
      const length = input.values.length / rows;
      for (let i = 0; i < length; i++) values[filled++] = input.values[row * length + i];
    }
  }
  return known(joined, values);
}

/** Reduces all elements of a list. */
function reduce(name: SizeFunction, start: number): Fold {
  return (node, [input]) => {
    if (input.shape.length > 1) return node.fail('it reduces a constant of several axes');
    const total = Array.from(input.values).reduce<Size>((sum, each) => compute(node, name, sum, each), start);
    return node.attributes.flag('keep_dims') ? known([1], [total]) : known([], [total]);
  };
}

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The numbers of a known value. Throws if they depend on sizes that aren't known. */
export function numberList(node: FoldedNode, value: Known): number[] {
  return Array.from(value.values, (each) =>
    typeof each === 'number' ? each : node.fail('it depends on a size that is unknown before the model runs'),
  );
}

export function numberOf(node: FoldedNode, value: Known): number {
  return numberList(node, value)[0] ?? node.fail('a number is missing');
}
