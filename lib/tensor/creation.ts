import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { allocate, checkDataType, converter, type DataType } from './dtype.js';
import { checkShape, type Shape, showShape, sizeOf } from './shapes.js';
import { Tensor } from './tensor.js';
import { type TensorLike, toTensor } from './tensor-like.js';
import { cast } from './transforms.js';

/**
 * Makes a tensor of values. The shape defaults to that of the nested arrays, or to [length]. The dtype
 * defaults to float32 for numbers, bool for booleans, and the dtype of a typed array (see {@link toTensor}).
 *
 * ```ts
 * tf.tensor([[1, 2], [3, 4]]); // [2, 2] float32
 * tf.tensor(new Uint8Array(784), [28, 28, 1]); // uint8
 * ```
 *
 * @throws SHAPE_MISMATCH if values and shape don't fit.
 */
export function tensor(values: TensorLike, shape?: Shape, dtype?: DataType): Tensor {
  return make('tensor', values, shape, dtype);
}

/** Makes a scalar, a tensor without axes. */
export function scalar(value: number | boolean, dtype?: DataType): Tensor {
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ConvforgeError('INVALID_ARGUMENT', `scalar: ${show(value)} is not a number or a boolean.`);
  }
  return make('scalar', value, [], dtype);
}

/** Makes a tensor of one axis: see {@link tensor}. */
export function tensor1d(values: TensorLike, dtype?: DataType): Tensor {
  return checkRank(make('tensor1d', values, undefined, dtype), 1);
}

/** Makes a tensor of two axes from nested values, or from flat values and a shape: see {@link tensor}. */
export function tensor2d(values: TensorLike, shape?: Shape, dtype?: DataType): Tensor {
  return checkRank(make('tensor2d', values, shape, dtype), 2);
}

/** Makes a tensor of three axes from nested values, or from flat values and a shape: see {@link tensor}. */
export function tensor3d(values: TensorLike, shape?: Shape, dtype?: DataType): Tensor {
  return checkRank(make('tensor3d', values, shape, dtype), 3);
}

/** Makes a tensor of four axes from nested values, or from flat values and a shape: see {@link tensor}. */
export function tensor4d(values: TensorLike, shape?: Shape, dtype?: DataType): Tensor {
  return checkRank(make('tensor4d', values, shape, dtype), 4);
}

function make(
  what: string,
  values: TensorLike,
  shape: Shape | undefined,
  dtype: DataType | undefined,
): Tensor {
  const read = toTensor(values, what);
  if (dtype !== undefined) checkDataType(dtype, what);
  const typed = dtype === undefined || dtype === read.dtype ? read : cast(read, dtype);
  if (shape === undefined) return typed;
  checkShape(shape, what);
  if (sizeOf(shape) !== typed.size) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what}: ${typed.size} values don't fill the shape ${showShape(shape)}, which has ${sizeOf(shape)} elements.`,
    );
  }
  return new Tensor(typed.dataSync(), shape, typed.dtype);
}

function checkRank(made: Tensor, rank: number): Tensor {
  if (made.rank !== rank) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `tensor${rank}d: values of shape ${showShape(made.shape)} have ${made.rank} axes, not ${rank}; nest them so, or give the shape.`,
    );
  }
  return made;
}

/** Makes a tensor of zeros. */
export function zeros(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype);
}

/** Makes a tensor of ones. */
export function ones(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype);
}

/** Makes a tensor of zeros with x's shape and dtype. */
export function zerosLike(x: TensorLike): Tensor {
  const { shape, dtype } = toTensor(x, 'zerosLike: x');
  return filled('zerosLike', shape, 0, dtype);
}

/** Makes a tensor of ones with x's shape and dtype. */
export function onesLike(x: TensorLike): Tensor {
  const { shape, dtype } = toTensor(x, 'onesLike: x');
  return filled('onesLike', shape, 1, dtype);
}

/**
 * Makes identity matrices: [...batchShape, rows, columns] with 1 on each diagonal and 0 elsewhere.
 *
 * @param columns Default: as many as rows.
 * @param batchShape Default: [], one matrix.
 */
export function eye(
  rows: number,
  columns?: number | null,
  batchShape?: Shape | null,
  dtype: DataType = 'float32',
): Tensor {
  const width = columns ?? rows;
  checkShape(batchShape ?? [], 'eye: batchShape');
  const made = filled('eye', [...(batchShape ?? []), rows, width], 0, dtype);
  const values = made.dataSync();
  for (let from = 0; from < values.length; from += rows * width) {
    for (let i = 0; i < Math.min(rows, width); i++) values[from + i * width + i] = 1;
  }
  return made;
}

/** Makes a tensor with `value` in every element. */
export function fill(shape: Shape, value: number, dtype: DataType = 'float32'): Tensor {
  if (typeof value !== 'number') {
    throw new ConvforgeError('INVALID_ARGUMENT', `fill: the value is ${show(value)}; it must be a number.`);
  }
  return filled('fill', shape, value, dtype);
}

function filled(what: string, shape: Shape, value: number, dtype: DataType): Tensor {
  checkShape(shape, what);
  checkDataType(dtype, what);
  return new Tensor(allocate(dtype, sizeOf(shape), what).fill(converter(dtype)(value)), shape, dtype);
}

/**
 * The numbers from `start` up to but not including `stop`, in steps of `step`.
 *
 * @param step Default: 1, or -1 if stop is less. A step of 1 counts as not given, as in TF.js. Any other step
 * that leads away from `stop` gives no elements.
 */
export function range(start: number, stop: number, step?: number, dtype: DataType = 'float32'): Tensor {
  const by = (step ?? 1) === 1 && stop < start ? -1 : (step ?? 1);
  if (![start, stop, by].every(Number.isFinite) || by === 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `range: start ${show(start)}, stop ${show(stop)} and step ${show(by)} must be finite numbers, and step not 0.`,
    );
  }
  const length = Math.max(Math.ceil((stop - start) / by), 0);
  return sequence('range', length, (i) => start + i * by, dtype);
}

/** `count` evenly spaced numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number): Tensor {
  if (![start, stop].every(Number.isFinite) || !Number.isSafeInteger(count) || count < 1) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `linspace: start ${show(start)} and stop ${show(stop)} must be finite numbers, count ${show(count)} a whole number from 1 up.`,
    );
  }
  const step = count === 1 ? 0 : (stop - start) / (count - 1);
  return sequence('linspace', count, (i) => (i === count - 1 && i > 0 ? stop : start + i * step), 'float32');
}

function sequence(what: string, length: number, value: (index: number) => number, dtype: DataType): Tensor {
  checkDataType(dtype, what);
  const values = allocate(dtype, length, what);
  const convert = converter(dtype);
  for (let i = 0; i < length; i++) values[i] = convert(value(i));
  return new Tensor(values, [length], dtype);
}

/**
 * One-hot encodes class indices: the indices' shape with a last axis of `depth`, `onValue` at the index and
 * `offValue` elsewhere.
 *
 * @param dtype Default: float32, which every loss takes (TF.js: int32).
 * @throws INVALID_LABEL for an index that isn't a whole number in [0, depth).
 */
export function oneHot(
  indices: TensorLike,
  depth: number,
  onValue = 1,
  offValue = 0,
  dtype: DataType = 'float32',
): Tensor {
  const classes = toTensor(indices, 'oneHot: indices');
  if (!Number.isSafeInteger(depth) || depth < 1) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `oneHot: depth is ${show(depth)}; it must be a whole number from 1 up.`,
    );
  }
  const labels = classes.dataSync();
  const shape = [...classes.shape, depth];
  checkShape(shape, 'oneHot');
  checkDataType(dtype, 'oneHot');
  const [on, off] = [onValue, offValue].map(converter(dtype));
  const values = allocate(dtype, sizeOf(shape), 'oneHot').fill(off);
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= depth) {
      throw new ConvforgeError(
        'INVALID_LABEL',
        `oneHot: label ${i} is ${labels[i]}; labels are whole numbers from 0 to ${depth - 1}.`,
      );
    }
    values[i * depth + labels[i]] = on;
  }
  return new Tensor(values, shape, dtype);
}
