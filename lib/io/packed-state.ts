import { ConvforgeError } from '../errors.js';
import { isPlainObject, show } from '../options.js';

/** The typed arrays that may be stored, by the names of their classes. */
const ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/** A typed array that may be stored. */
export type StoredArray = InstanceType<(typeof ARRAYS)[ArrayKind]>;

export type ArrayKind = keyof typeof ARRAYS;

/** Kind and length of a stored array. */
export type ArrayEntry = readonly [kind: ArrayKind, length: number];

/** Plain data as JSON, and its typed arrays. */
export interface PackedState {
  /** JSON has {"$array": 3} for the fourth array, and {"$number": "NaN"} for what JSON lacks. */
  json: unknown;
  arrays: StoredArray[];
}

/** Numbers that JSON lacks. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** Maximum nesting of stored data. */
const MAX_DEPTH = 100;

/** Takes plain data apart. `where` names it in messages. Throws INVALID_ARGUMENT for what can't be stored. */
export function pack(value: unknown, where: string): PackedState {
  const arrays: StoredArray[] = [];
  const visit = (part: unknown, path: string, depth: number): unknown => {
    const refuse = (problem: string) => {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${path} ${problem}; a checkpoint takes numbers, text, true, false, null, typed arrays, and lists and plain objects of these.`,
      );
    };
    if (typeof part === 'number') {
      const name = Object.is(part, -0) ? '-0' : String(part);
      return NUMBERS.has(name) ? { $number: name } : part;
    }
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part;
    if (depth > MAX_DEPTH) return refuse(`is nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(part)) return part.map((item, i) => visit(item ?? null, `${path}[${i}]`, depth + 1));
    const kind = kindOf(part);
    if (kind) return { $array: arrays.push(part as StoredArray) - 1 };
    if (!isPlainObject(part)) return refuse(`is ${show(part)}`);
    const entries = Object.entries(part).filter(([, item]) => item !== undefined);
    return Object.fromEntries(
      entries.map(([key, item]) => [escaped(key), visit(item, `${path}.${key}`, depth + 1)]),
    );
  };
  return { json: visit(value ?? null, where, 0), arrays };
}

/** Puts packed data together again. Throws SyntaxError if its JSON isn't what `pack` makes. */
export function unpack({ json, arrays }: PackedState): unknown {
  const visit = (part: unknown, depth: number): unknown => {
    if (part === null || typeof part !== 'object') return part;
    if (depth > MAX_DEPTH + 1) throw new SyntaxError(`data is nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(part)) return part.map((item) => visit(item, depth + 1));
    const [[key, item] = [], ...others] = Object.entries(part);
    if (others.length === 0 && key === '$array') return found(arrays[item as number], item);
    if (others.length === 0 && key === '$number') return found(NUMBERS.get(item as string), item);
    // fromEntries also makes a key __proto__ a property like any other.
    return Object.fromEntries(
      Object.entries(part).map(([name, each]) => [name.replace(/^\$\$/, '$'), visit(each, depth + 1)]),
    );
  };
  return visit(json, 0);
}

function found<T>(value: T | undefined, reference: unknown): T {
  if (value === undefined) throw new SyntaxError(`there is no ${show(reference)}`);
  return value;
}

function escaped(key: string): string {
  return key.startsWith('$') ? `$${key}` : key;
}

/** The kind of a typed array, of any realm. */
export function kindOf(value: unknown): ArrayKind | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];
  return name !== undefined && Object.hasOwn(ARRAYS, name) ? (name as ArrayKind) : undefined;
}

export function isArrayKind(value: unknown): value is ArrayKind {
  return typeof value === 'string' && Object.hasOwn(ARRAYS, value);
}

export function bytesPerElement(kind: ArrayKind): number {
  return ARRAYS[kind].BYTES_PER_ELEMENT;
}

export function newArray(kind: ArrayKind, length: number): StoredArray {
  return new ARRAYS[kind](length);
}
