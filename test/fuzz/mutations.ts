import fc from 'fast-check';

/** A change of bytes. Places are fractions of the length, so that changes fit any input. */
export interface ByteEdit {
  kind: 'flip' | 'set' | 'insert' | 'remove' | 'repeat' | 'truncate' | 'number';
  at: number;
  length: number;
  value: number;
}

/** Numbers that parsers trip over. */
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const fraction = fc.double({ min: 0, max: 1, noNaN: true });

const byteEdit: fc.Arbitrary<ByteEdit> = fc.record({
  kind: fc.constantFrom('flip', 'flip', 'set', 'set', 'insert', 'remove', 'repeat', 'truncate', 'number'),
  // Headers come first.
  at: fc.oneof(
    fraction,
    fraction.map((at) => at ** 6),
  ),
  length: fc.nat(9),
  value: fc.nat(255),
});

export const byteEdits = fc.array(byteEdit, { maxLength: 4 });

export function editBytes(bytes: Uint8Array, edits: readonly ByteEdit[]): Buffer {
  let result = Buffer.from(bytes);
  for (const { kind, at, length, value } of edits) {
    const place = Math.min(Math.floor(at * result.length), Math.max(result.length - 1, 0));
    const [before, after] = [result.subarray(0, place), result.subarray(place)];
    if (kind === 'insert') result = Buffer.concat([before, Buffer.alloc(length, value), after]);
    else if (kind === 'remove') result = Buffer.concat([before, after.subarray(length)]);
    else if (kind === 'repeat') result = Buffer.concat([before, after.subarray(0, length), after]);
    else if (kind === 'truncate') result = Buffer.from(before);
    else if (result.length === 0) continue;
    else if (kind === 'flip') result[place] ^= 1 << (value % 8);
    else if (kind === 'set') result[place] = value;
    else if (place + 4 <= result.length) {
      const number = NUMBERS[value % NUMBERS.length];
      if (length % 2 === 0) result.writeUInt32BE(number, place);
      else result.writeUInt32LE(number, place);
    }
  }
  return result;
}

/** A change of a JSON value. Places are numbers of values in the tree, modulo their count. */
export interface JsonEdit {
  kind: 'replace' | 'remove' | 'add' | 'rename' | 'copy' | 'swap' | 'wrap' | 'repeat' | 'scale';
  at: number;
  from: number;
  value: unknown;
}

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  'name',
  'config',
  'class_name',
  'layers',
  'shape',
  'dtype',
  'units',
  'inbound_nodes',
  'quantization',
  'weights',
  'paths',
  '',
];

const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1,
  2,
  3,
  7,
  1e9,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  1e300,
  -1e-300,
  '',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  '../secret.bin',
  '/etc/passwd',
  '..\\secret.bin',
  'weights.bin\u0000',
  'float32',
  'int32',
  'string',
  'complex64',
  'relu',
  'same',
  'Dense',
  'Conv2D',
  'Lambda',
  'Sequential',
  'Functional',
  'channels_first',
  'a'.repeat(5000),
  [],
  [[]],
  {},
  [null],
  [1, 2, 3],
  [0, 0],
  [-1, -1],
  [1e9, 1e9],
  [null, 1e9, 1e9, 1e9],
  { class_name: 'Dense', config: {} },
  { a: { b: { c: {} } } },
  Array.from({ length: 300 }, (_, i) => i),
];

const hostile = fc.constantFrom(...HOSTILE);

const jsonEdit: fc.Arbitrary<JsonEdit> = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'add', 'rename', 'copy', 'swap', 'wrap', 'repeat', 'scale'),
  at: fc.nat(100_000),
  from: fc.nat(100_000),
  value: fc.oneof(hostile, fc.integer(), fc.double(), fc.jsonValue({ maxDepth: 2 })),
});

export const jsonEdits = fc.array(jsonEdit, { minLength: 1, maxLength: 4 });

/** A value in a tree: `parent[key]`. */
interface Place {
  parent: Record<string, unknown>;
  key: string;
}

function placesIn(parent: unknown, places: Place[] = []): Place[] {
  if (typeof parent !== 'object' || parent === null) return places;
  for (const [key, value] of Object.entries(parent)) {
    places.push({ parent: parent as Record<string, unknown>, key });
    placesIn(value, places);
  }
  return places;
}

/** Sets an own key, also `__proto__`. */
function put(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Returns a changed copy of a value of JSON. */
export function editJson(value: unknown, edits: readonly JsonEdit[]): unknown {
  const root = { value: structuredClone(value) };
  for (const { kind, at, from, value: given } of edits) {
    const places = placesIn(root.value);
    if (places.length === 0) break;
    const { parent, key } = places[at % places.length];
    const other = places[from % places.length];
    const [own, others] = [parent[key], other.parent[other.key]];
    if (kind === 'replace') put(parent, key, given);
    else if (kind === 'remove') {
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
    } else if (kind === 'add') {
      if (Array.isArray(own)) own.push(given);
      else if (typeof own === 'object' && own !== null) put(own, KEYS[from % KEYS.length], given);
    } else if (kind === 'rename') {
      if (Array.isArray(parent)) continue;
      delete parent[key];
      put(parent, KEYS[from % KEYS.length], own);
    } else if (kind === 'copy') put(parent, key, structuredClone(others));
    else if (kind === 'swap') {
      const [a, b] = [structuredClone(own), structuredClone(others)];
      put(parent, key, b);
      put(other.parent, other.key, a);
    } else if (kind === 'wrap')
      put(parent, key, from % 2 === 0 ? [own] : { [KEYS[from % KEYS.length]]: own });
    else if (kind === 'repeat') {
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(own));
    } else if (typeof own === 'number') put(parent, key, own * [2, -1, 0.5, 1e6, 1.5][from % 5]);
  }
  return root.value;
}
