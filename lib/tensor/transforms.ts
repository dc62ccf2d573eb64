import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { allocate, checkDataType, converter, type DataType } from './dtype.js';
import { gatherStrided } from './elementwise.js';
import { type GraphValue, inGraph } from './graph.js';
import {
  checkShape,
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

/** The same values with another shape. One size may be -1, and follows from the others. Nothing is copied. */
export function reshape(x: TensorLike, shape: Shape): Tensor;
export function reshape(x: GraphValue, shape: Shape): GraphValue;
export function reshape(x: Operand, shape: Shape): Operated {
  return inGraph('reshape', [x], { shape }) ?? reshapeNumbers(x as TensorLike, shape);
}

function reshapeNumbers(x: TensorLike, shape: Shape): Tensor {
  const tensor = toTensor(x, 'reshape: x');
  const full = fillSize(tensor, shape);
  checkShape(full, 'reshape');
  if (sizeOf(full) !== tensor.size) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `reshape: ${showShape(tensor.shape)} has ${tensor.size} elements and can't become ${showShape(shape)}.`,
    );
  }
  return new Tensor(tensor.dataSync(), full, tensor.dtype);
}

function fillSize(tensor: Tensor, shape: Shape): Shape {
  if (!Array.isArray(shape) || !shape.includes(-1)) return shape;
  const rest = shape.filter((size) => size !== -1);
  const known = sizeOf(rest);
  if (rest.length !== shape.length - 1 || known === 0 || tensor.size % known !== 0) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `reshape: no size fits the -1 in ${showShape(shape)}, given ${tensor.size} elements.`,
    );
  }
  return shape.map((size) => (size === -1 ? tensor.size / known : size));
}

/**
 * Converts values to another dtype. int32 and uint8 truncate fractions, clip numbers to the dtype's range and
 * take NaN as 0. bool is true for everything but 0.
 */
export function cast(x: TensorLike, dtype: DataType): Tensor {
  const tensor = toTensor(x, 'cast: x');
  checkDataType(dtype, 'cast');
  if (dtype === tensor.dtype) return clone(tensor);
  const values = tensor.dataSync();
  const out = allocate(dtype, tensor.size, 'cast');
  const convert = converter(dtype);
  for (let i = 0; i < out.length; i++) out[i] = convert(values[i]);
  return new Tensor(out, tensor.shape, dtype);
}

/** A new tensor with the same values, which stays valid after a dispose() of the first. */
export function clone(x: TensorLike): Tensor {
  const tensor = toTensor(x, 'clone: x');
  return new Tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
}

/**
 * The block of shape `size` that starts at `begin`. A size of -1, or one that is left out, extends to the end
 * of its axis. A single number is for the first axis.
 */
export function slice(
  x: TensorLike,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Tensor;
export function slice(
  x: GraphValue,
  begin: number | readonly number[],
  size?: number | readonly number[],
): GraphValue;
export function slice(
  x: Operand,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Operated {
  return inGraph('slice', [x], { begin, size }) ?? sliceNumbers(x as TensorLike, begin, size);
}

function sliceNumbers(
  x: TensorLike,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Tensor {
  const tensor = toTensor(x, 'slice: x');
  const begins = typeof begin === 'number' ? [begin] : begin;
  const sizes = typeof size === 'number' ? [size] : (size ?? []);
  const isFar = begins.length > tensor.rank || sizes.length > tensor.rank;
  const starts = tensor.shape.map((_, axis) => begins[axis] ?? 0);
  const shape = tensor.shape.map((length, axis) =>
    (sizes[axis] ?? -1) === -1 ? length - starts[axis] : sizes[axis],
  );
  const isInside = tensor.shape.every(
    (length, axis) =>
      Number.isSafeInteger(starts[axis]) &&
      Number.isSafeInteger(shape[axis]) &&
      starts[axis] >= 0 &&
      shape[axis] >= 0 &&
      starts[axis] + shape[axis] <= length,
  );
  if (isFar || !isInside) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `slice: begin ${show(begins)} with size ${show(sizes)} is not inside the shape ${showShape(tensor.shape)}.`,
    );
  }
  const strides = stridesOf(tensor.shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  return gatherStrided(tensor.dataSync(), tensor.dtype, shape, strides, offset, 'slice');
}

/** Concatenates tensors along an axis. Their dtypes and other sizes must be equal. */
export function concat(tensors: readonly TensorLike[], axis?: number): Tensor;
export function concat(tensors: readonly Operand[], axis?: number): GraphValue;
export function concat(tensors: readonly Operand[], axis = 0): Operated {
  const made = Array.isArray(tensors) ? inGraph('concat', tensors, { axis }) : undefined;
  return made ?? concatNumbers(tensors as readonly TensorLike[], axis);
}

function concatNumbers(tensors: readonly TensorLike[], axis: number): Tensor {
  const parts = readTensors(tensors, 'concat');
  const at = readAxis(axis, parts[0].rank, 'concat');
  const shape = [...parts[0].shape];
  shape[at] = parts.reduce((sum, part) => sum + part.shape[at], 0);
  for (const [i, part] of parts.entries()) {
    const fitted = part.shape.map((size, other) => (other === at ? shape[at] : size));
    if (!sameShape(fitted, shape)) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `concat: tensor ${i} is ${showShape(part.shape)} and the first ${showShape(parts[0].shape)}; only axis ${at} may differ.`,
      );
    }
  }
  const outer = sizeOf(shape.slice(0, at));
  const inner = sizeOf(shape.slice(at + 1));
  const out = allocate(parts[0].dtype, sizeOf(shape), 'concat');
  let column = 0;
  for (const part of parts) {
    const values = part.dataSync();
    const length = part.shape[at] * inner;
    for (let row = 0; row < outer; row++) {
      out.set(values.subarray(row * length, (row + 1) * length), row * shape[at] * inner + column);
    }
    column += length;
  }
  return new Tensor(out, shape, parts[0].dtype);
}

/** Stacks tensors of one shape along a new axis. */
export function stack(tensors: readonly TensorLike[], axis?: number): Tensor;
export function stack(tensors: readonly Operand[], axis?: number): GraphValue;
export function stack(tensors: readonly Operand[], axis = 0): Operated {
  const made = Array.isArray(tensors) ? inGraph('stack', tensors, { axis }) : undefined;
  return made ?? stackNumbers(tensors as readonly TensorLike[], axis);
}

function stackNumbers(tensors: readonly TensorLike[], axis: number): Tensor {
  const parts = readTensors(tensors, 'stack');
  const different = parts.findIndex((part) => !sameShape(part.shape, parts[0].shape));
  if (different >= 0) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `stack: tensor ${different} is ${showShape(parts[different].shape)} and the first ${showShape(parts[0].shape)}; shapes must be equal.`,
    );
  }
  return concat(
    parts.map((part) => expandDims(part, axis)),
    axis,
  );
}

function readTensors(tensors: readonly TensorLike[], what: string): Tensor[] {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new ConvforgeError('INVALID_ARGUMENT', `${what}: give a list of one tensor or more.`);
  }
  const parts = tensors.map((tensor, i) => toTensor(tensor, `${what}: tensor ${i}`));
  const different = parts.findIndex((part) => part.dtype !== parts[0].dtype);
  if (different >= 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: tensor ${different} is ${parts[different].dtype} and the first ${parts[0].dtype}; cast them to one dtype.`,
    );
  }
  return parts;
}

/**
 * Permutes the axes: axis i of the result is axis permutation[i] of x. Default: the reverse order.
 *
 * @param conjugate Has no effect on real numbers.
 */
export function transpose(x: TensorLike, permutation?: readonly number[] | null, conjugate?: boolean): Tensor;
export function transpose(
  x: GraphValue,
  permutation?: readonly number[] | null,
  conjugate?: boolean,
): GraphValue;
export function transpose(x: Operand, permutation?: readonly number[] | null, conjugate = false): Operated {
  new OptionChecks('transpose').boolean('conjugate', conjugate);
  const made = inGraph('transpose', [x], { perm: permutation ?? undefined });
  return made ?? transposeNumbers(x as TensorLike, permutation);
}

function transposeNumbers(x: TensorLike, permutation?: readonly number[] | null): Tensor {
  const tensor = toTensor(x, 'transpose: x');
  const order = permutation ?? tensor.shape.map((_, axis) => tensor.rank - 1 - axis);
  if (readAxes(order, tensor.rank, 'transpose').length !== tensor.rank) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `transpose: the permutation ${show(order)} must name each of ${tensor.rank} axes once.`,
    );
  }
  const axes = order.map((axis) => readAxis(axis, tensor.rank, 'transpose'));
  const strides = stridesOf(tensor.shape);
  return gatherStrided(
    tensor.dataSync(),
    tensor.dtype,
    axes.map((axis) => tensor.shape[axis]),
    axes.map((axis) => strides[axis]),
    0,
    'transpose',
  );
}

/** Inserts an axis of size 1 before `axis`. -1 appends it. */
export function expandDims(x: TensorLike, axis?: number): Tensor;
export function expandDims(x: GraphValue, axis?: number): GraphValue;
export function expandDims(x: Operand, axis = 0): Operated {
  return inGraph('expandDims', [x], { axis }) ?? expandNumbers(x as TensorLike, axis);
}

function expandNumbers(x: TensorLike, axis: number): Tensor {
  const tensor = toTensor(x, 'expandDims: x');
  const shape = [...tensor.shape];
  shape.splice(readAxis(axis, tensor.rank + 1, 'expandDims'), 0, 1);
  return reshape(tensor, shape);
}

/** Removes axes of size 1: all, or those given. */
export function squeeze(x: TensorLike, axes?: readonly number[]): Tensor;
export function squeeze(x: GraphValue, axes?: readonly number[]): GraphValue;
export function squeeze(x: Operand, axes?: readonly number[]): Operated {
  return inGraph('squeeze', [x], { axis: axes }) ?? squeezeNumbers(x as TensorLike, axes);
}

function squeezeNumbers(x: TensorLike, axes?: readonly number[]): Tensor {
  const tensor = toTensor(x, 'squeeze: x');
  const given = readAxes(axes, tensor.rank, 'squeeze');
  const wide = given.find((axis) => tensor.shape[axis] !== 1);
  if (axes !== undefined && wide !== undefined) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `squeeze: axis ${wide} of ${showShape(tensor.shape)} has size ${tensor.shape[wide]}; only axes of size 1 can be removed.`,
    );
  }
  return reshape(
    tensor,
    tensor.shape.filter((size, axis) => size !== 1 || !given.includes(axis)),
  );
}
