import { ConvforgeError } from '../errors.js';
import { square, sub } from './arithmetic.js';
import { allocate, type DataType, type TypedArray } from './dtype.js';
import { readAxes, readAxis, sizeOf } from './shapes.js';
import { Tensor } from './tensor.js';
import { type TensorLike, toTensor } from './tensor-like.js';
import { transpose } from './transforms.js';

/** An axis or several; negative ones count from the last, -1. */
export type Axes = number | readonly number[];

/** Over `axis` (default: all; negative counts from the back), summed in float64. float32 stays, the rest is int32. */
export function sum(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(x, axis, keepDims, 'sum', totalType, sumRow);
}

/** Over `axis` (default: all): float32; NaN over no elements. */
export function mean(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(
    x,
    axis,
    keepDims,
    'mean',
    () => 'float32',
    (values, from, to) => sumRow(values, from, to) / (to - from),
  );
}

/** The greatest over `axis` (default: all). NaN if one is. */
export function max(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(x, axis, keepDims, 'max', sameType, (values, from, to) => {
    checkNotEmpty(from, to, 'max');
    let best = values[from];
    for (let i = from + 1; i < to; i++) best = Math.max(best, values[i]);
    return best;
  });
}

/** The least over `axis` (default: all). NaN if one is. */
export function min(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(x, axis, keepDims, 'min', sameType, (values, from, to) => {
    checkNotEmpty(from, to, 'min');
    let best = values[from];
    for (let i = from + 1; i < to; i++) best = Math.min(best, values[i]);
    return best;
  });
}

/** The product over `axis` (default: all). float32 stays, the rest is int32. */
export function prod(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(x, axis, keepDims, 'prod', totalType, (values, from, to) => {
    let product = 1;
    for (let i = from; i < to; i++) product *= values[i];
    return product;
  });
}

/** bool: whether any number over `axis` (default: all) isn't 0. */
export function any(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return max(toTensor(x, 'any: x').toBool(), axis, keepDims);
}

/** bool: whether no number over `axis` (default: all) is 0. */
export function all(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return min(toTensor(x, 'all: x').toBool(), axis, keepDims);
}

/** log(sum(e^x)) over `axis` (default: all), float32, also where e^x is out of range. */
export function logSumExp(x: TensorLike, axis?: Axes, keepDims = false): Tensor {
  return reduce(
    x,
    axis,
    keepDims,
    'logSumExp',
    () => 'float32',
    (values, from, to) => {
      checkNotEmpty(from, to, 'logSumExp');
      let most = values[from];
      for (let i = from + 1; i < to; i++) most = Math.max(most, values[i]);
      if (!Number.isFinite(most)) return most;
      let total = 0;
      for (let i = from; i < to; i++) total += Math.exp(values[i] - most);
      return most + Math.log(total);
    },
  );
}

/** What moments gives; float32. */
export interface Moments {
  /** Over the axes. */
  mean: Tensor;
  /** Of the population, over the axes. */
  variance: Tensor;
}

/** Mean and variance (of the population) over `axis` (default: all); float32. */
export function moments(x: TensorLike, axis?: Axes, keepDims = false): Moments {
  const tensor = toTensor(x, 'moments: x');
  const centre = mean(tensor, axis, true);
  const variance = mean(square(sub(tensor, centre)), axis, keepDims);
  return { mean: keepDims ? centre : centre.reshape(variance.shape), variance };
}

/** int32: where along `axis` the greatest element is; the first of equal ones. */
export function argMax(x: TensorLike, axis = 0): Tensor {
  return indexOfBest(x, axis, 'argMax', (value, best) => value > best);
}

/** int32: where along `axis` the least element is; the first of equal ones. */
export function argMin(x: TensorLike, axis = 0): Tensor {
  return indexOfBest(x, axis, 'argMin', (value, best) => value < best);
}

function indexOfBest(
  x: TensorLike,
  axis: number,
  what: string,
  isBetter: (value: number, best: number) => boolean,
): Tensor {
  const tensor = toTensor(x, `${what}: x`);
  const at = readAxis(axis, tensor.rank, what);
  return reduce(
    tensor,
    at,
    false,
    what,
    () => 'int32',
    (values, from, to) => {
      checkNotEmpty(from, to, what);
      let best = from;
      for (let i = from + 1; i < to; i++) if (isBetter(values[i], values[best])) best = i;
      return best - from;
    },
  );
}

/** The axes to reduce are moved to the end, so that each result comes from one row of neighbours, [from, to). */
function reduce(
  x: TensorLike,
  axis: Axes | undefined,
  keepDims: boolean,
  what: string,
  resultType: (dtype: DataType) => DataType,
  reduceRow: (values: TypedArray, from: number, to: number) => number,
): Tensor {
  const tensor = toTensor(x, `${what}: x`);
  const reduced = readAxes(axis, tensor.rank, what);
  const kept = readAxes(undefined, tensor.rank, what).filter((each) => !reduced.includes(each));
  const order = [...kept, ...reduced];
  const isInOrder = order.every((each, i) => each === i);
  const values = (isInOrder ? tensor : transpose(tensor, order)).dataSync();
  const length = sizeOf(reduced.map((each) => tensor.shape[each]));
  const dtype = resultType(tensor.dtype);
  const out = allocate(dtype, sizeOf(kept.map((each) => tensor.shape[each])), what);
  for (let row = 0; row < out.length; row++) out[row] = reduceRow(values, row * length, (row + 1) * length);
  const keptShape = tensor.shape.map((size, each) => (reduced.includes(each) ? 1 : size));
  const shape = keepDims ? keptShape : kept.map((each) => tensor.shape[each]);
  return new Tensor(out, shape, dtype);
}

function sumRow(values: TypedArray, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i];
  return total;
}

function totalType(dtype: DataType): DataType {
  return dtype === 'float32' ? 'float32' : 'int32';
}

function sameType(dtype: DataType): DataType {
  return dtype;
}

function checkNotEmpty(from: number, to: number, what: string): void {
  if (from === to) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: there is no ${what} of no elements; an axis to reduce has size 0.`,
    );
  }
}
