import { SlicedWork } from '../program/sliced-work.js';
import { corrupt, unsupported } from './failures.js';
import { isObject } from './read-model-json.js';

/** Maximum number of bytes of a header: more than 10,000 tensors need, and soon parsed. */
export const MAX_HEADER_BYTES = 2 ** 20;

/** Number of bytes in front of the header, which hold its length. */
export const LENGTH_BYTES = 8;

/** Entries or tokens to read before yielding. */
const READ_PER_PAUSE = 2 ** 10;

/** Bytes of an element, by the name of its type in the file. */
export const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

/** A tensor as the header describes it. Offsets count from the end of the header. */
export interface SafetensorsEntry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/** Reads the header's length. Throws CORRUPT_FILE unless it fits into the file. */
export function headerLength(path: string, start: Uint8Array, fileBytes: number): number {
  if (start.length < LENGTH_BYTES) throw corrupt(path, 'it is too short for a safetensors header');
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(fileBytes - LENGTH_BYTES))
    throw corrupt(path, `its header claims ${length} bytes, but the file has ${fileBytes}`);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw unsupported(path, `its header has ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  return Number(length);
}

/**
 * Reads the header's JSON, in slices: the tensors in the order of their bytes. Throws CORRUPT_FILE unless they fill
 * `dataBytes` without overlaps and holes, UNSUPPORTED for an unknown dtype.
 */
export async function readHeader(
  path: string,
  header: Uint8Array,
  dataBytes: number,
): Promise<SafetensorsEntry[]> {
  return new SlicedWork(readInSlices(path, header, dataBytes)).promise;
}

function* readInSlices(
  path: string,
  header: Uint8Array,
  dataBytes: number,
): Generator<void, SafetensorsEntry[]> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, 'its safetensors header is no JSON', cause);
  }
  yield;
  if (!isObject(json)) throw corrupt(path, 'its safetensors header is no JSON object');
  const names = Object.keys(json);
  if ((yield* countNames(text)) !== names.length) throw corrupt(path, 'its header names a tensor twice');
  const entries: SafetensorsEntry[] = [];
  for (const name of names) {
    if (name !== '__metadata__') entries.push(readEntry(path, name, json[name]));
    if (entries.length % READ_PER_PAUSE === 0) yield;
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin < at)
      throw corrupt(path, `the data_offsets of ${JSON.stringify(name)} overlap another tensor's`);
    if (begin > at) throw corrupt(path, `the data_offsets leave a hole before ${JSON.stringify(name)}`);
    at = end;
  }
  if (at !== dataBytes)
    throw corrupt(path, `its tensors need ${at} bytes, but ${dataBytes} follow the header`);
  return entries;
}

/** Counts the keys of the outermost object in valid JSON, equal ones too. */
function* countNames(text: string): Generator<void, number> {
  let depth = 0;
  let count = 0;
  let tokens = 0;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)) {
    if (++tokens % READ_PER_PAUSE === 0) yield;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token === ':' && depth === 1) count++;
  }
  return count;
}

function readEntry(path: string, name: string, value: unknown): SafetensorsEntry {
  const where = `tensor ${JSON.stringify(name)} of its header`;
  if (!isObject(value)) throw corrupt(path, `${where} is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw corrupt(path, `${where} has no dtype`);
  if (!Object.hasOwn(ELEMENT_BYTES, dtype))
    throw unsupported(path, `${where} has dtype ${JSON.stringify(dtype)}, which can't be read`);
  if (!isSizes(shape)) throw corrupt(path, `${where} has an invalid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw corrupt(path, `${where} has invalid data_offsets`);
  const [begin, end] = offsets;
  const needed = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype]);
  if (end - begin !== needed)
    throw corrupt(path, `${where} needs ${needed} bytes, but its data_offsets span ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
