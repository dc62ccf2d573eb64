import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { isFloat32Array, isInt32Array, isTypedArray, isUint8Array } from '../realms.js';
import { allocate, type DataType, type TypedArray } from './dtype.js';
import { type GraphValue, isGraphValue } from './graph.js';
import { showShape, sizeOf } from './shapes.js';
import { Tensor } from './tensor.js';

/** Numbers or booleans in nested arrays, a level for each axis. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/**
 * Typed arrays that are converted: Float64Array to float32, Uint8ClampedArray to uint8, the others to int32.
 */
export type OtherTypedArray =
  | Float64Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | Uint8ClampedArray;

/** The values that functions accept as a tensor. Nested arrays must be rectangular. */
export type TensorLike = Tensor | TypedArray | OtherTypedArray | NestedNumbers | readonly TypedArray[];

/** What functions of tensors take: tensors and the like, and values of a model. */
export type Operand = TensorLike | GraphValue;

/** What functions of operands return. */
export type Operated = Tensor | GraphValue;

/**
 * Converts values to a tensor. Float32Array, Int32Array and Uint8Array are kept without copying. Float64Array
 * becomes float32, Uint8ClampedArray uint8, other arrays of whole numbers int32. Plain numbers become
 * float32, booleans bool.
 *
 * @param what Names the argument in errors.
 * @throws INVALID_ARGUMENT for other values, or a Uint32Array with numbers above 2^31 - 1; SHAPE_MISMATCH if
 * rows differ in length.
 */
export function toTensor(value: TensorLike, what: string): Tensor {
  if (value instanceof Tensor) return value;
  if (ArrayBuffer.isView(value)) {
    const { values, dtype } = readTypedArray(value, what);
    return new Tensor(values, [values.length], dtype);
  }
  if (isGraphValue(value)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${what} is a value of a model, which has no numbers yet; this function computes at once: use a layer.`,
    );
  }
  const shape = inferShape(value, what);
  const flat: (number | boolean)[] = [];
  collect(value as NestedNumbers, shape, 0, [], flat, what);
  const isBoolean = flat.length > 0 && typeof flat[0] === 'boolean';
  const dtype: DataType = isBoolean ? 'bool' : 'float32';
  const values = allocate(dtype, sizeOf(shape), what);
  for (let i = 0; i < flat.length; i++) {
    if ((typeof flat[i] === 'boolean') !== isBoolean) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${what}: numbers and booleans are mixed; use one of them.`,
      );
    }
    values[i] = Number(flat[i]);
  }
  return new Tensor(values, shape, dtype);
}

function readTypedArray(value: unknown, what: string): { values: TypedArray; dtype: DataType } {
  if (isFloat32Array(value)) return { values: value, dtype: 'float32' };
  if (isInt32Array(value)) return { values: value, dtype: 'int32' };
  if (isUint8Array(value)) return { values: value, dtype: 'uint8' };
  if (isTypedArray(value, 'Uint8ClampedArray')) return { values: new Uint8Array(value), dtype: 'uint8' };
  if (isTypedArray(value, 'Float64Array')) return { values: new Float32Array(value), dtype: 'float32' };
  if (isTypedArray(value, 'Uint32Array')) {
    const index = value.findIndex((element) => element > 0x7fffffff);
    if (index >= 0) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${what}: element ${index} is ${value[index]}, more than int32 holds (2^31 - 1); use a Float64Array to get float32.`,
      );
    }
    return { values: new Int32Array(value), dtype: 'int32' };
  }
  if (
    isTypedArray(value, 'Int8Array') ||
    isTypedArray(value, 'Int16Array') ||
    isTypedArray(value, 'Uint16Array')
  ) {
    return { values: new Int32Array(value), dtype: 'int32' };
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${what}: values can't be ${show(value)}; use a typed array of numbers.`,
  );
}

/**
 * The sizes along the first elements. More than 16 axes are refused, since an array that contains itself
 * would never end.
 */
function inferShape(value: unknown, what: string): number[] {
  const shape: number[] = [];
  for (let item = value; Array.isArray(item) || ArrayBuffer.isView(item); item = (item as unknown[])[0]) {
    if (shape.length === 16)
      throw new ConvforgeError('INVALID_ARGUMENT', `${what}: arrays are nested more than 16 deep.`);
    shape.push((item as unknown[]).length);
    if (shape.at(-1) === 0) break;
  }
  return shape;
}

function collect(
  value: unknown,
  shape: readonly number[],
  axis: number,
  path: readonly number[],
  out: (number | boolean)[],
  what: string,
): void {
  const where = path.length === 0 ? what : `${what} at ${showShape(path)}`;
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (!isList && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${where}: ${show(value)} is not a number, a boolean or an array.`,
    );
  }
  if (!isList && axis === shape.length) {
    out.push(value);
    return;
  }
  const list = value as ArrayLike<unknown>;
  if (!isList || axis === shape.length || list.length !== shape[axis]) {
    const found = isList ? `an array of ${list.length}` : 'a number';
    const expected = axis === shape.length ? 'a number' : `an array of ${shape[axis]}`;
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${where}: ${found} where the first rows have ${expected}; all rows must have the same length.`,
    );
  }
  for (let i = 0; i < list.length; i++) collect(list[i], shape, axis + 1, [...path, i], out, what);
}
