import { ConvforgeError } from '../errors.js';
import { square, sub } from './arithmetic.js';
import { allocate, type DataType, type TypedArray } from './dtype.js';
import { type GraphValue, inGraph } from './graph.js';
import { readAxes, readAxis, sizeOf } from './shapes.js';
import { Tensor } from './tensor.js';
import { type Operand, type Operated, type TensorLike, toTensor } from './tensor-like.js';
import { transpose } from './transforms.js';

/** An axis or several. Negative ones count from the end. */
export type Axes = number | readonly number[];

/** The sum over `axis` (default: all), added in float64. The result is float32 for float32, else int32. */
export function sum(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function sum(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function sum(x: Operand, axis?: Axes, keepDims = false): Operated {
  return reduce(x, axis, keepDims, 'sum', totalType, sumRow);
}

/** The mean over `axis` (default: all), float32. NaN for no elements. */
export function mean(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function mean(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function mean(x: Operand, axis?: Axes, keepDims = false): Operated {
  return reduce(
    x,
    axis,
    keepDims,
    'mean',
    () => 'float32',
    (values, from, to) => sumRow(values, from, to) / (to - from),
  );
}

/** The maximum over `axis` (default: all). NaN if an element is. */
export function max(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function max(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function max(x: Operand, axis?: Axes, keepDims = false): Operated {
  return reduce(x, axis, keepDims, 'max', sameType, (values, from, to) => {
    checkNotEmpty(from, to, 'max');
    let best = values[from];
    for (let i = from + 1; i < to; i++) best = Math.max(best, values[i]);
    return best;
  });
}

/** The minimum over `axis` (default: all). NaN if an element is. */
export function min(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function min(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function min(x: Operand, axis?: Axes, keepDims = false): Operated {
  return reduce(x, axis, keepDims, 'min', sameType, (values, from, to) => {
    checkNotEmpty(from, to, 'min');
    let best = values[from];
    for (let i = from + 1; i < to; i++) best = Math.min(best, values[i]);
    return best;
  });
}

/** The product over `axis` (default: all). The result is float32 for float32, else int32. */
export function prod(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function prod(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function prod(x: Operand, axis?: Axes, keepDims = false): Operated {
  return reduce(x, axis, keepDims, 'prod', totalType, (values, from, to) => {
    let product = 1;
    for (let i = from; i < to; i++) product *= values[i];
    return product;
  });
}

/** Whether any element over `axis` (default: all) is non-zero, as bool. */
export function any(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function any(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function any(x: Operand, axis?: Axes, keepDims = false): Operated {
  return (
    inGraph('any', [x], { axis, keepDims }) ??
    max(toTensor(x as TensorLike, 'any: x').toBool(), axis, keepDims)
  );
}

/** Whether all elements over `axis` (default: all) are non-zero, as bool. */
export function all(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function all(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function all(x: Operand, axis?: Axes, keepDims = false): Operated {
  return (
    inGraph('all', [x], { axis, keepDims }) ??
    min(toTensor(x as TensorLike, 'all: x').toBool(), axis, keepDims)
  );
}

/** log(sum(e^x)) over `axis` (default: all), float32. Accurate even if e^x overflows or underflows. */
export function logSumExp(x: TensorLike, axis?: Axes, keepDims?: boolean): Tensor;
export function logSumExp(x: GraphValue, axis?: Axes, keepDims?: boolean): GraphValue;
export function logSumExp(x: Operand, axis?: Axes, keepDims = false): Operated {
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

/** The result of moments, float32. */
export interface Moments {
  /** The mean over the axes. */
  mean: Tensor;
  /** The population variance over the axes. */
  variance: Tensor;
}

/** The mean and the population variance over `axis` (default: all), float32. */
export function moments(x: TensorLike, axis?: Axes, keepDims = false): Moments {
  const tensor = toTensor(x, 'moments: x');
  const centre = mean(tensor, axis, true);
  const variance = mean(square(sub(tensor, centre)), axis, keepDims);
  return { mean: keepDims ? centre : centre.reshape(variance.shape), variance };
}

/** The index of the maximum along `axis`, int32. Of equal elements, the first. */
export function argMax(x: TensorLike, axis = 0): Tensor {
  return indexOfBest(x, axis, 'argMax', (value, best) => value > best);
}

/** The index of the minimum along `axis`, int32. Of equal elements, the first. */
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
  return reduceNumbers(
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

type ReduceRow = (values: TypedArray, from: number, to: number) => number;

/** Reduces a tensor, or makes the operation `what` of a value of a model. */
function reduce(
  x: Operand,
  axis: Axes | undefined,
  keepDims: boolean,
  what: string,
  resultType: (dtype: DataType) => DataType,
  reduceRow: ReduceRow,
): Operated {
  const made = inGraph(what, [x], { axis, keepDims });
  return made ?? reduceNumbers(x as TensorLike, axis, keepDims, what, resultType, reduceRow);
}

/** Moves the axes to reduce to the end, so that each result comes from a contiguous row, [from, to). */
function reduceNumbers(
  x: TensorLike,
  axis: Axes | undefined,
  keepDims: boolean,
  what: string,
  resultType: (dtype: DataType) => DataType,
  reduceRow: ReduceRow,
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
    throw new ConvforgeError('INVALID_ARGUMENT', `${what}: can't reduce an axis of size 0.`);
  }
}
