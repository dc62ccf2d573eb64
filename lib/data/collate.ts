import { ConvforgeError } from '../errors.js';
import { isPlainObject, show } from '../options.js';
import { allocate } from '../tensor/dtype.js';
import { type NestedNumbers, Tensor, type TensorLike, toTensor, type TypedArray } from '../tensor/index.js';
import { sameShape, showShape } from '../tensor/shapes.js';

/**
 * The type of a batch of elements: numbers, arrays and tensors become one tensor with a new first axis,
 * strings a list, and objects and lists of tensors are batched value by value.
 */
export type Batched<T> = T extends Tensor | TypedArray | number | boolean | readonly NestedNumbers[]
  ? Tensor
  : T extends string
    ? string[]
    : T extends object
      ? { [K in keyof T]: Batched<T[K]> }
      : unknown;

/**
 * Stacks elements into a batch.
 *
 * @param first The index of the first element in the dataset, for messages.
 */
export function collate<T>(elements: readonly T[], first: number): Batched<T> {
  return collateAt(elements, { first, path: '' }) as Batched<T>;
}

/** A value's position for messages: "element 12" or ".xs of element 12". */
interface Position {
  first: number;
  path: string;
}

function collateAt(values: readonly unknown[], position: Position): unknown {
  const [example] = values;
  if (typeof example === 'string') return collateStrings(values, position);
  if (isPlainObject(example)) return collateRecords(values, position);
  if (Array.isArray(example) && example[0] instanceof Tensor) return collateLists(values, position);
  return collateTensors(values, position);
}

function collateStrings(values: readonly unknown[], position: Position): unknown {
  const different = values.findIndex((value) => typeof value !== 'string');
  if (different < 0) return [...values];
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `batch: ${describe(position, different)} is ${show(values[different])}, but the batch began with a string.`,
  );
}

function collateRecords(values: readonly unknown[], { first, path }: Position): unknown {
  const keys = Object.keys(values[0] as object);
  for (const [i, value] of values.entries()) {
    const own = isPlainObject(value) ? Object.keys(value) : undefined;
    if (own?.length === keys.length && keys.every((key) => Object.hasOwn(value as object, key))) continue;
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `batch: ${describe({ first, path }, i)} ${own ? `has ${own.join(', ')}` : `is ${show(value)}`}; the batch began with one that has ${keys.join(', ')}.`,
    );
  }
  const entries = keys.map((key) => {
    const column = (values as readonly Record<string, unknown>[]).map((value) => value[key]);
    return [key, collateAt(column, { first, path: `${path}.${key}` })];
  });
  return Object.fromEntries(entries);
}

function collateLists(values: readonly unknown[], { first, path }: Position): unknown {
  const { length } = values[0] as unknown[];
  const different = values.findIndex((value) => !Array.isArray(value) || value.length !== length);
  if (different >= 0) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `batch: ${describe({ first, path }, different)} is not a list of ${length} tensors; the batch began with one.`,
    );
  }
  return Array.from({ length }, (_, i) =>
    collateAt(
      (values as unknown[][]).map((value) => value[i]),
      { first, path: `${path}[${i}]` },
    ),
  );
}

function collateTensors(values: readonly unknown[], position: Position): Tensor {
  const tensors = values.map((value, i) => {
    if (value === undefined || value === null) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `batch: ${describe(position, i)} is ${value}; map or filter the dataset so that each element has all values (for data.csv: a default in columnConfigs).`,
      );
    }
    return toTensor(value as TensorLike, `batch: ${describe(position, i)}`);
  });
  const [{ shape, dtype, size }] = tensors;
  const out = allocate(dtype, size * tensors.length, 'batch');
  for (const [i, tensor] of tensors.entries()) {
    if (!sameShape(tensor.shape, shape) || tensor.dtype !== dtype) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `batch: ${describe(position, i)} is ${tensor.dtype} of ${showShape(tensor.shape)}, but the batch began with ${dtype} of ${showShape(shape)}; map the dataset so that they are alike (for data.images: give a size).`,
      );
    }
    out.set(tensor.dataSync(), i * size);
  }
  return new Tensor(out, [tensors.length, ...shape], dtype);
}

function describe({ first, path }: Position, index: number): string {
  const element = `element ${first + index}`;
  return path === '' ? element : `${path.replace(/^\./, '')} of ${element}`;
}
