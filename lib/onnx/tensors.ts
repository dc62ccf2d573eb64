import { ConvforgeError } from '../errors.js';
import { corrupt, unsupported } from '../io/failures.js';
import { halfValue } from '../io/weight-values.js';
import { MAX_ELEMENTS } from '../layers/shapes.js';
import { show } from '../options.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import type { Constant, ElementType, Elements, FloatsInSlices } from './constants.js';
import type { TensorMessage } from './messages.js';

/** Finds the bytes of external data, in [offset, offset + length). */
export type ReadExternal = (tensor: TensorMessage, byteLength: number) => Uint8Array;

/** How a type of elements is stored. */
interface Storage {
  name: string;
  type: ElementType;
  /** Size in raw data. */
  bytes: number;
  /** The field that has the numbers otherwise. */
  field: 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';
  decode(bytes: Uint8Array): Elements;
  /** Of numbers in `field`, if they aren't the elements themselves. */
  fromField?(value: number): number;
  range?: readonly [number, number];
}

/** By the numbers of TensorProto.DataType. */
const STORAGES: ReadonlyMap<number, Storage> = new Map<number, Storage>([
  [
    1,
    { name: 'float', type: 'float', bytes: 4, field: 'floatData', decode: (b) => aligned(b, Float32Array) },
  ],
  [2, { name: 'uint8', type: 'integer', bytes: 1, field: 'int32Data', decode: (b) => b, range: [0, 255] }],
  [
    3,
    {
      name: 'int8',
      type: 'integer',
      bytes: 1,
      field: 'int32Data',
      decode: (b) => aligned(b, Int8Array),
      range: [-128, 127],
    },
  ],
  [
    4,
    {
      name: 'uint16',
      type: 'integer',
      bytes: 2,
      field: 'int32Data',
      decode: (b) => aligned(b, Uint16Array),
      range: [0, 65535],
    },
  ],
  [
    5,
    {
      name: 'int16',
      type: 'integer',
      bytes: 2,
      field: 'int32Data',
      decode: (b) => aligned(b, Int16Array),
      range: [-32768, 32767],
    },
  ],
  [
    6,
    { name: 'int32', type: 'integer', bytes: 4, field: 'int32Data', decode: (b) => aligned(b, Int32Array) },
  ],
  [
    7,
    {
      name: 'int64',
      type: 'integer',
      bytes: 8,
      field: 'int64Data',
      decode: (b) => wide(aligned(b, BigInt64Array)),
    },
  ],
  [9, { name: 'bool', type: 'bool', bytes: 1, field: 'int32Data', decode: (b) => b }],
  [
    10,
    {
      name: 'float16',
      type: 'float',
      bytes: 2,
      field: 'int32Data',
      decode: (b) => halves(aligned(b, Uint16Array)),
      fromField: halfValue,
    },
  ],
  [
    11,
    { name: 'double', type: 'float', bytes: 8, field: 'doubleData', decode: (b) => aligned(b, Float64Array) },
  ],
  [
    12,
    {
      name: 'uint32',
      type: 'integer',
      bytes: 4,
      field: 'uint64Data',
      decode: (b) => aligned(b, Uint32Array),
    },
  ],
  [
    13,
    {
      name: 'uint64',
      type: 'integer',
      bytes: 8,
      field: 'uint64Data',
      decode: (b) => wide(aligned(b, BigUint64Array)),
    },
  ],
  [
    16,
    {
      name: 'bfloat16',
      type: 'float',
      bytes: 2,
      field: 'int32Data',
      decode: (b) => brains(aligned(b, Uint16Array)),
      fromField: (bits) => brains([bits])[0],
    },
  ],
]);

/** Names of types that can't be read. */
const OTHER_NAMES = [
  'undefined',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  'string',
  '',
  '',
  '',
  '',
  '',
  'complex64',
  'complex128',
];

/** What a type is called and stands for; undefined for one that can't be read. */
export function elementType(dataType: number): { name: string; type: ElementType } | undefined {
  return STORAGES.get(dataType);
}

export function typeName(dataType: number): string {
  return STORAGES.get(dataType)?.name ?? (OTHER_NAMES[dataType] || `type ${dataType}`);
}

/** Limits of an integer type, of those that are quantized to. */
export function rangeOf(dataType: number): readonly [number, number] | undefined {
  return STORAGES.get(dataType)?.range;
}

/** Marks data outside of the file in `dataLocation`. */
const EXTERNAL = 1;

export function isExternal({ dataLocation }: TensorMessage): boolean {
  return dataLocation === EXTERNAL;
}

/**
 * Checks a tensor's type and sizes, and that it has as many bytes as they say. Its numbers are decoded when they
 * are used. Throws CORRUPT_FILE, TOO_LARGE, UNSUPPORTED.
 */
export function readTensor(
  file: string,
  tensor: TensorMessage,
  what: string,
  external: ReadExternal,
): Constant {
  const { dims: shape, dataType = 0 } = tensor;
  const storage = STORAGES.get(dataType);
  if (!storage || tensor.segment) {
    throw unsupported(
      file,
      `${what} holds ${tensor.segment ? 'a segment' : typeName(dataType)}, which can't be read`,
    );
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw corrupt(file, `${what} has the shape ${showShape(shape)}`);
  const count = sizeOf(shape);
  if (count > MAX_ELEMENTS) {
    throw new ConvforgeError(
      'TOO_LARGE',
      `${file}: ${what} of ${showShape(shape)} would have ${count} elements; the most is ${MAX_ELEMENTS}.`,
    );
  }
  const label = `${what} of ${storage.name} ${showShape(shape)}`;
  return new StoredConstant(
    storage,
    [...shape],
    storedNumbers(file, tensor, label, storage, count, external),
  );
}

/** Elements to decode before yielding. */
const DECODED = 2 ** 16;

/** What a tensor of a file holds: bytes that are decoded, or numbers of varints. */
type StoredNumbers = { bytes: () => Uint8Array } | { numbers: () => Elements };

class StoredConstant implements Constant {
  readonly kind = 'constant';
  readonly isKnown = true;
  readonly isWeight = true;
  readonly type: ElementType;
  readonly range?: readonly [number, number];
  readonly #storage: Storage;
  readonly #stored: StoredNumbers;
  #small?: Elements;

  constructor(
    storage: Storage,
    readonly shape: readonly number[],
    stored: StoredNumbers,
  ) {
    const { type, range } = storage;
    this.type = type;
    if (range) this.range = range;
    this.#storage = storage;
    this.#stored = stored;
  }

  get elements(): Elements {
    if (this.#small) return this.#small;
    const stored = this.#stored;
    const elements = 'bytes' in stored ? this.#storage.decode(stored.bytes()) : stored.numbers();
    if (elements.length <= 4096) this.#small = elements;
    return elements;
  }

  *inSlices(): FloatsInSlices {
    const stored = this.#stored;
    const { name, bytes: size, decode } = this.#storage;
    if ('numbers' in stored) return Float32Array.from(stored.numbers() as ArrayLike<number>);
    const bytes = stored.bytes();
    if (name === 'float') return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(bytes.length / size);
    for (let at = 0; at < values.length; at += DECODED) {
      const part = decode(bytes.subarray(at * size, (at + DECODED) * size));
      values.set(part as ArrayLike<number>, at);
      yield;
    }
    return values;
  }
}

function storedNumbers(
  file: string,
  tensor: TensorMessage,
  what: string,
  { bytes, field, fromField }: Storage,
  count: number,
  external: ReadExternal,
): StoredNumbers {
  const { rawData } = tensor;
  const needed = count * bytes;
  const pieces = tensor[field];
  if (isExternal(tensor)) {
    const data = external(tensor, needed);
    return { bytes: () => data };
  }
  if (rawData !== undefined || pieces.length === 0) {
    const given = rawData?.length ?? 0;
    if (given !== needed) throw corrupt(file, `${what} needs ${needed} bytes, but it has ${given}`);
    return { bytes: () => rawData ?? new Uint8Array(0) };
  }
  const isFixed = field === 'floatData' || field === 'doubleData';
  const given = numbersIn(pieces, isFixed ? bytes : undefined);
  if (given !== count) throw corrupt(file, `${what} needs ${count} numbers, but it has ${given}`);
  if (isFixed) return { bytes: () => joined(pieces) };
  return {
    numbers: () => {
      const numbers = varints(joined(pieces), count, field === 'uint64Data');
      return fromField ? Float32Array.from(numbers, fromField) : numbers;
    },
  };
}

/** How many numbers of `size` bytes, or varints, there are. */
function numbersIn(pieces: readonly Uint8Array[], size: number | undefined): number {
  let count = 0;
  for (const piece of pieces) {
    if (size !== undefined) count += piece.length / size;
    else for (const byte of piece) if (byte < 0x80) count++;
  }
  return count;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

function varints(bytes: Uint8Array, count: number, isUnsigned: boolean): Float64Array {
  const numbers = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let [value, factor] = [0, 1];
    let wide: bigint | undefined;
    for (let byte = 0x80, shift = 0; byte & 0x80; shift += 7) {
      byte = bytes[at++];
      if (shift < 49) value += (byte & 0x7f) * factor;
      else wide = (wide ?? BigInt(value)) | (BigInt(byte & 0x7f) << BigInt(shift));
      factor *= 128;
    }
    if (wide === undefined) numbers[i] = value;
    else numbers[i] = Number(isUnsigned ? BigInt.asUintN(64, wide) : BigInt.asIntN(64, wide));
  }
  return numbers;
}

interface ArrayClass<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, offset: number, length: number): T;
}

/** Little-endian numbers: a view of the bytes if they are aligned, else of a copy. */
function aligned<T>(bytes: Uint8Array, Class: ArrayClass<T>): T {
  const size = Class.BYTES_PER_ELEMENT;
  const at = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new Class(at.buffer as ArrayBuffer, at.byteOffset, at.length / size);
}

function wide(values: BigInt64Array | BigUint64Array): Float64Array {
  return Float64Array.from(values as Iterable<bigint>, Number);
}

function halves(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, halfValue);
}

/** Of the upper halves of float32 numbers. */
function brains(bits: ArrayLike<number>): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (each) => each << 16).buffer);
}

/** The text of a string, for messages. */
export function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

/** How messages name a tensor. */
export function tensorLabel({ name }: TensorMessage): string {
  return name === undefined || name === '' ? 'a tensor without a name' : `the tensor ${show(name)}`;
}
