import { allocate, type DataType, type TypedArray } from './dtype.js';
import { inGraph } from './graph.js';
import { broadcastShapes, sameShape, type Shape, sizeOf, stridesOf } from './shapes.js';
import { Tensor } from './tensor.js';
import { type Operand, type Operated, type TensorLike, toTensor } from './tensor-like.js';

/**
 * The dtype of a sum or product: float32 if an operand is, else int32, which bytes can't overflow. A plain
 * whole number adapts to the other operand: an int32 tensor plus 1 stays int32. A plain fraction gives
 * float32.
 */
export function commonType(a: TensorLike, b: TensorLike, what: string): DataType {
  return isFractional(a, `${what}: a`) || isFractional(b, `${what}: b`) ? 'float32' : 'int32';
}

function isFractional(value: TensorLike, what: string): boolean {
  if (typeof value === 'number') return !Number.isInteger(value);
  return toTensor(value, what).dtype === 'float32';
}

/** Applies f to each element, or makes the operation `what` of a value of a model. */
export function mapElements(
  x: Operand,
  dtype: DataType | 'same' | ((x: TensorLike, what: string) => DataType),
  what: string,
  f: (x: number) => number,
): Operated {
  return inGraph(what, [x]) ?? mapNumbers(x as TensorLike, dtype, what, f);
}

function mapNumbers(
  x: TensorLike,
  dtype: DataType | 'same' | ((x: TensorLike, what: string) => DataType),
  what: string,
  f: (x: number) => number,
): Tensor {
  const tensor = toTensor(x, `${what}: x`);
  const values = tensor.dataSync();
  const given = typeof dtype === 'function' ? dtype(tensor, what) : dtype;
  const type = given === 'same' ? tensor.dtype : given;
  const out = allocate(type, values.length, what);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i]);
  return new Tensor(out, tensor.shape, type);
}

/**
 * Applies f to each pair of elements, or makes the operation `what` of values of a model. Shapes are broadcast as
 * NumPy does.
 */
export function combine(
  a: Operand,
  b: Operand,
  dtype: DataType | typeof commonType,
  what: string,
  f: (a: number, b: number) => number,
): Operated {
  return inGraph(what, [a, b]) ?? combineNumbers(a as TensorLike, b as TensorLike, dtype, what, f);
}

function combineNumbers(
  a: TensorLike,
  b: TensorLike,
  dtype: DataType | typeof commonType,
  what: string,
  f: (a: number, b: number) => number,
): Tensor {
  const type = typeof dtype === 'function' ? dtype(a, b, what) : dtype;
  // A plain number isn't rounded to float32 first, so that x / 0.1 is the nearest float32.
  if (typeof b === 'number') return mapNumbers(a, type, what, (x) => f(x, b));
  if (typeof a === 'number') return mapNumbers(b, type, what, (x) => f(a, x));
  const left = toTensor(a, `${what}: a`);
  const right = toTensor(b, `${what}: b`);
  const shape = broadcastShapes(left.shape, right.shape, what);
  const x = broadcastValues(left, shape, what);
  const y = broadcastValues(right, shape, what);
  const out = allocate(type, x.length, what);
  for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i]);
  return new Tensor(out, shape, type);
}

/** The values broadcast to `shape`. */
export function broadcastValues(tensor: Tensor, shape: Shape, what: string): TypedArray {
  if (sameShape(tensor.shape, shape)) return tensor.dataSync();
  const own = stridesOf(tensor.shape);
  const missing = shape.length - tensor.rank;
  const strides = shape.map((_, axis) =>
    (tensor.shape[axis - missing] ?? 1) === 1 ? 0 : own[axis - missing],
  );
  return gatherStrided(tensor.dataSync(), tensor.dtype, shape, strides, 0, what).dataSync();
}

/**
 * Gathers a strided view: element [i, j, ...] of the result is values[offset + i * strides[0] + j *
 * strides[1] + ...]. Slices, transpositions and broadcasts all have this form. A stride of 0 repeats.
 */
export function gatherStrided(
  values: TypedArray,
  dtype: DataType,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  what: string,
): Tensor {
  const out = allocate(dtype, sizeOf(shape), what);
  const last = shape.length - 1;
  // From this axis on, the elements lie side by side.
  let inner = shape.length;
  let run = 1;
  for (; inner > 0 && (strides[inner - 1] === run || shape[inner - 1] === 1); inner--)
    run *= shape[inner - 1];
  let next = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === inner && run === 1) {
      out[next++] = values[from];
    } else if (axis === inner) {
      out.set(values.subarray(from, from + run), next);
      next += run;
    } else if (axis === last) {
      for (let i = 0; i < shape[axis]; i++) out[next++] = values[from + i * strides[axis]];
    } else {
      for (let i = 0; i < shape[axis]; i++) copy(axis + 1, from + i * strides[axis]);
    }
  };
  if (out.length > 0) copy(0, offset);
  return new Tensor(out, shape, dtype);
}
