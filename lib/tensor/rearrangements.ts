import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { fill } from './creation.js';
import { allocate } from './dtype.js';
import { broadcastValues, gatherStrided } from './elementwise.js';
import { type GraphValue, inGraph, outputsInGraph } from './graph.js';
import {
  broadcastShapes,
  type SampleShape,
  readAxes,
  readAxis,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  stridesOf,
} from './shapes.js';
import { Tensor } from './tensor.js';
import { type Operand, type Operated, type TensorLike, toTensor } from './tensor-like.js';
import { concat, reshape, slice } from './transforms.js';

/**
 * Gathers the slices of x along `axis` at `indices`. The axis is replaced by the axes of `indices`. With
 * `batchDims` b, x and indices share their first b axes, and each part of x has its own indices. The shape is
 * [...x.shape[0, axis), ...indices.shape[b, end), ...x.shape(axis, end)].
 *
 * @param axis Default 0. Must not be less than batchDims.
 * @param batchDims Default 0. Negative values count from the rank of `indices`.
 * @throws INVALID_ARGUMENT for an index out of range, SHAPE_MISMATCH if the first axes differ.
 */
export function gather(x: TensorLike, indices: TensorLike, axis?: number, batchDims?: number): Tensor;
export function gather(x: GraphValue, indices: TensorLike, axis?: number, batchDims?: number): GraphValue;
export function gather(x: Operand, indices: TensorLike, axis = 0, batchDims = 0): Operated {
  const made = inGraph('gather', [x, indices], { axis, batchDims });
  return made ?? gatherNumbers(x as TensorLike, indices, axis, batchDims);
}

function gatherNumbers(x: TensorLike, indices: TensorLike, axis: number, batchDims: number): Tensor {
  const tensor = toTensor(x, 'gather: x');
  const positions = toTensor(indices, 'gather: indices');
  const at = readAxis(axis, tensor.rank, 'gather');
  const shared = readBatchDims(batchDims, tensor, positions, at);
  const length = tensor.shape[at];
  const inner = sizeOf(tensor.shape.slice(at + 1));
  const outer = sizeOf(tensor.shape.slice(shared, at));
  const each = sizeOf(positions.shape.slice(shared));
  const shape = [
    ...tensor.shape.slice(0, at),
    ...positions.shape.slice(shared),
    ...tensor.shape.slice(at + 1),
  ];
  const [from, read] = [tensor.dataSync(), positions.dataSync()];
  const out = allocate(tensor.dtype, sizeOf(shape), 'gather');
  for (let to = 0, i = 0; to < out.length; to += inner, i++) {
    const row = Math.floor(i / each);
    const index = read[Math.floor(row / outer) * each + (i % each)];
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `gather: the index ${index} is not a whole number from 0 to ${length - 1}.`,
      );
    }
    const start = (row * length + index) * inner;
    out.set(from.subarray(start, start + inner), to);
  }
  return new Tensor(out, shape, tensor.dtype);
}

/** The number of leading axes that x and its indices share. */
function readBatchDims(batchDims: number, x: Tensor, indices: Tensor, axis: number): number {
  const count = batchDims < 0 ? batchDims + indices.rank : batchDims;
  if (!Number.isSafeInteger(count) || count < 0 || count > Math.min(indices.rank, axis)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `gather: batchDims is ${show(batchDims)}; it must be a whole number up to axis (${axis}) and to the rank of the indices (${indices.rank}).`,
    );
  }
  if (!sameShape(x.shape.slice(0, count), indices.shape.slice(0, count))) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `gather: with batchDims ${count}, x ${showShape(x.shape)} and indices ${showShape(indices.shape)} must have equal sizes on their first axes.`,
    );
  }
  return count;
}

/** Reverses the order along `axis` (default: all axes). */
export function reverse(x: TensorLike, axis?: number | readonly number[]): Tensor;
export function reverse<S extends SampleShape>(
  x: GraphValue<S>,
  axis?: number | readonly number[],
): GraphValue<S>;
export function reverse(x: Operand, axis?: number | readonly number[]): Operated {
  return inGraph('reverse', [x], { axis }) ?? reverseNumbers(x as TensorLike, axis);
}

function reverseNumbers(x: TensorLike, axis?: number | readonly number[]): Tensor {
  const tensor = toTensor(x, 'reverse: x');
  const reversed = readAxes(axis, tensor.rank, 'reverse');
  const strides = stridesOf(tensor.shape);
  const offset = reversed.reduce((sum, each) => sum + Math.max(tensor.shape[each] - 1, 0) * strides[each], 0);
  const steps = strides.map((stride, each) => (reversed.includes(each) ? -stride : stride));
  return gatherStrided(tensor.dataSync(), tensor.dtype, tensor.shape, steps, offset, 'reverse');
}

/** Repeats x along each axis as often as `repetitions` says. */
export function tile(x: TensorLike, repetitions: readonly number[]): Tensor;
export function tile(x: GraphValue, repetitions: readonly number[]): GraphValue;
export function tile(x: Operand, repetitions: readonly number[]): Operated {
  return inGraph('tile', [x], { reps: repetitions }) ?? tileNumbers(x as TensorLike, repetitions);
}

function tileNumbers(x: TensorLike, repetitions: readonly number[]): Tensor {
  const tensor = toTensor(x, 'tile: x');
  const isFit =
    Array.isArray(repetitions) &&
    repetitions.length === tensor.rank &&
    repetitions.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!isFit) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `tile: repetitions are ${show(repetitions)}; give a whole number from 0 up for each axis of ${showShape(tensor.shape)}.`,
    );
  }
  // Each axis becomes two, [repetitions, size]. The first has stride 0.
  const strides = stridesOf(tensor.shape).flatMap((stride) => [0, stride]);
  const wide = tensor.shape.flatMap((size, axis) => [repetitions[axis], size]);
  const repeated = gatherStrided(tensor.dataSync(), tensor.dtype, wide, strides, 0, 'tile');
  return reshape(
    repeated,
    tensor.shape.map((size, axis) => size * repetitions[axis]),
  );
}

/** Pads each axis by [before, after] elements of value `constantValue`. */
export function pad(
  x: TensorLike,
  paddings: readonly (readonly [number, number])[],
  constantValue?: number,
): Tensor;
export function pad(
  x: GraphValue,
  paddings: readonly (readonly [number, number])[],
  constantValue?: number,
): GraphValue;
export function pad(
  x: Operand,
  paddings: readonly (readonly [number, number])[],
  constantValue = 0,
): Operated {
  const made = inGraph('pad', [x], { paddings, constantValue });
  return made ?? padNumbers(x as TensorLike, paddings, constantValue);
}

function padNumbers(
  x: TensorLike,
  paddings: readonly (readonly [number, number])[],
  constantValue: number,
): Tensor {
  const tensor = toTensor(x, 'pad: x');
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  const isFit =
    Array.isArray(paddings) &&
    paddings.length === tensor.rank &&
    paddings.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount));
  if (!isFit) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `pad: paddings are ${show(paddings)}; give [before, after] for each axis of ${showShape(tensor.shape)}.`,
    );
  }
  return paddings.reduce<Tensor>((padded, [before, after], axis) => {
    const edge = (size: number) =>
      fill(
        padded.shape.map((length, each) => (each === axis ? size : length)),
        constantValue,
        tensor.dtype,
      );
    return concat([edge(before), padded, edge(after)], axis);
  }, tensor);
}

/**
 * Splits x along `axis` into a number of equal parts, or into parts of these sizes. Throws SHAPE_MISMATCH if
 * they don't add up to the axis.
 */
export function split(x: TensorLike, numOrSizeSplits: number | readonly number[], axis?: number): Tensor[];
export function split(
  x: GraphValue,
  numOrSizeSplits: number | readonly number[],
  axis?: number,
): GraphValue[];
export function split(
  x: Operand,
  numOrSizeSplits: number | readonly number[],
  axis = 0,
): Tensor[] | GraphValue[] {
  const made = outputsInGraph('split', [x], { numOrSizeSplits, axis });
  return made ? [...made] : splitNumbers(x as TensorLike, numOrSizeSplits, axis);
}

function splitNumbers(x: TensorLike, numOrSizeSplits: number | readonly number[], axis: number): Tensor[] {
  const tensor = toTensor(x, 'split: x');
  const at = readAxis(axis, tensor.rank, 'split');
  const length = tensor.shape[at];
  const sizes: readonly number[] =
    typeof numOrSizeSplits === 'number'
      ? new Array<number>(numOrSizeSplits).fill(length / numOrSizeSplits)
      : numOrSizeSplits;
  const isFit = sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isFit || sizes.reduce((sum, size) => sum + size, 0) !== length) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `split: axis ${at} of ${showShape(tensor.shape)} can't be split into ${show(numOrSizeSplits)}.`,
    );
  }
  let from = 0;
  return sizes.map((size) => {
    const begin: Shape = tensor.shape.map((_, each) => (each === at ? from : 0));
    from += size;
    return slice(
      tensor,
      begin,
      tensor.shape.map((whole, each) => (each === at ? size : whole)),
    );
  });
}

/** The slices of x along `axis`, without that axis. */
export function unstack(x: TensorLike, axis?: number): Tensor[];
export function unstack(x: GraphValue, axis?: number): GraphValue[];
export function unstack(x: Operand, axis = 0): Tensor[] | GraphValue[] {
  const made = outputsInGraph('unstack', [x], { axis });
  return made ? [...made] : unstackNumbers(x as TensorLike, axis);
}

function unstackNumbers(x: TensorLike, axis: number): Tensor[] {
  const tensor = toTensor(x, 'unstack: x');
  const at = readAxis(axis, tensor.rank, 'unstack');
  const rest = tensor.shape.filter((_, each) => each !== at);
  return split(tensor, new Array<number>(tensor.shape[at]).fill(1), at).map((part) => reshape(part, rest));
}

/** The result of topk. */
export interface TopK {
  /** The largest values, of x's dtype: [..., k]. */
  values: Tensor;
  /** Their indices along the last axis, int32: [..., k]. */
  indices: Tensor;
}

/**
 * The `k` largest values along the last axis in descending order, and their indices (int32). Equal values
 * keep their order. NaN counts as larger than any number.
 *
 * @param sorted Whether the caller needs an order. The values are sorted either way.
 */
export function topk(x: TensorLike, k = 1, sorted = true): TopK {
  const tensor = toTensor(x, 'topk: x');
  new OptionChecks('topk').boolean('sorted', sorted);
  const width = tensor.shape[tensor.rank - 1] ?? 0;
  if (!Number.isSafeInteger(k) || k < 0 || k > width) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `topk: k is ${show(k)}; it must be a whole number from 0 to ${width}, the size of the last axis.`,
    );
  }
  const all = tensor.dataSync();
  const shape = [...tensor.shape.slice(0, -1), k];
  const values = allocate(tensor.dtype, sizeOf(shape), 'topk');
  const indices = allocate('int32', sizeOf(shape), 'topk');
  for (let row = 0; row * width < all.length; row++) {
    const order = Array.from({ length: width }, (_, i) => i);
    order.sort((a, b) => compareDown(all[row * width + a], all[row * width + b]));
    for (let i = 0; i < k; i++) {
      indices[row * k + i] = order[i];
      values[row * k + i] = all[row * width + order[i]];
    }
  }
  return { values: new Tensor(values, shape, tensor.dtype), indices: new Tensor(indices, shape, 'int32') };
}

/** Compares in descending order, with NaN first. */
function compareDown(a: number, b: number): number {
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a)) || Number(b > a) - Number(b < a);
}

/**
 * x where `condition` isn't 0, elsewhere y. The result is float32 if one of them is. Shapes are broadcast as
 * NumPy does.
 */
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor;
export function where(condition: Operand, x: Operand, y: Operand): GraphValue;
export function where(condition: Operand, x: Operand, y: Operand): Operated {
  const made = inGraph('where', [condition, x, y]);
  return made ?? whereNumbers(condition as TensorLike, x as TensorLike, y as TensorLike);
}

function whereNumbers(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  const parts = [condition, x, y].map((each, i) => toTensor(each, `where: ${['condition', 'x', 'y'][i]}`));
  const shape = parts.map((part) => part.shape).reduce((a, b) => broadcastShapes(a, b, 'where'));
  const [chosen, left, right] = parts.map((part) => broadcastValues(part, shape, 'where'));
  const isFloat = parts[1].dtype === 'float32' || parts[2].dtype === 'float32';
  const dtype = parts[1].dtype === parts[2].dtype ? parts[1].dtype : isFloat ? 'float32' : 'int32';
  const out = allocate(dtype, sizeOf(shape), 'where');
  for (let i = 0; i < out.length; i++) out[i] = chosen[i] !== 0 ? left[i] : right[i];
  return new Tensor(out, shape, dtype);
}
