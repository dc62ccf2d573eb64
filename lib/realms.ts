import { isPlainObject } from './options.js';

/*
 * Checks of built-in types that hold in every realm. Each `vm` context, and so each test file in Jest, is a
 * realm with its own built-in classes. `instanceof` is false for arrays, errors and objects of another realm,
 * which Node's modules and the addon return.
 */

/** The classes of typed arrays by name. */
interface TypedArrays {
  Int8Array: Int8Array;
  Uint8Array: Uint8Array;
  Uint8ClampedArray: Uint8ClampedArray;
  Int16Array: Int16Array;
  Uint16Array: Uint16Array;
  Int32Array: Int32Array;
  Uint32Array: Uint32Array;
  Float32Array: Float32Array;
  Float64Array: Float64Array;
  BigInt64Array: BigInt64Array;
  BigUint64Array: BigUint64Array;
}

/** The name of a typed array's class. Subclasses, such as Buffer, have the name of their base class. */
export function typedArrayName(value: unknown): keyof TypedArrays | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = (value as Partial<Uint8Array>)[Symbol.toStringTag] as string | undefined;
  return name === 'DataView' ? undefined : (name as keyof TypedArrays | undefined);
}

/** Whether the value is a typed array of this class, or of a subclass. */
export function isTypedArray<Name extends keyof TypedArrays>(
  value: unknown,
  name: Name,
): value is TypedArrays[Name] {
  return typedArrayName(value) === name;
}

export function isFloat32Array(value: unknown): value is Float32Array {
  return isTypedArray(value, 'Float32Array');
}

export function isInt32Array(value: unknown): value is Int32Array {
  return isTypedArray(value, 'Int32Array');
}

/** A Buffer is one too. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return isTypedArray(value, 'Uint8Array');
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return tagOf(value) === 'ArrayBuffer';
}

export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return tagOf(value) === 'SharedArrayBuffer';
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  return tagOf(value) === 'AbortSignal';
}

/** DOMExceptions are errors too. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || ['Error', 'DOMException'].includes(tagOf(value));
}

/**
 * The same data in objects of this realm: typed arrays on the same memory, and copies of lists and plain
 * objects. Data of this realm is returned as it is, so that only callers in a `vm` context pay for it.
 */
export function inThisRealm<T>(data: T): T;
export function inThisRealm(data: unknown): unknown {
  if (data === null || typeof data !== 'object' || (data as object) instanceof Object) return data;
  if (isFloat32Array(data)) return new Float32Array(data.buffer, data.byteOffset, data.length);
  if (Array.isArray(data)) return Array.from(data, (item) => inThisRealm(item));
  if (!isPlainObject(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, inThisRealm(value)]));
}

/** 'ArrayBuffer' of '[object ArrayBuffer]'. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
