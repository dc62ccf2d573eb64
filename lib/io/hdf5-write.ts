import { ConvforgeError } from '../errors.js';
import { turnOfEventLoop } from '../program/sliced-work.js';
import { type H5Module, loadH5wasm } from './h5wasm.js';
import { FLOAT, INTEGER, STRING } from './hdf5-numbers.js';
import { PIECE, piecesOf } from './hdf5-pieces.js';

/** A group to write, before its members; '/' is there already. */
export interface GroupToWrite {
  path: string;
  /** Texts, and lists of texts. */
  attributes?: Readonly<Record<string, string | readonly string[]>>;
}

/** An array to write into a group. */
export interface DatasetToWrite {
  path: string;
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** The file's size besides its arrays, for each object at most. The file grows if it needs more. */
const BYTES_PER_OBJECT = 2 ** 11;

let created = 0;

/**
 * Makes an HDF5 file of these groups and arrays, with the layout that h5py writes. Rejects with PEER_MISSING,
 * OUT_OF_MEMORY, INTERNAL.
 *
 * @param file Its name in messages.
 */
export async function writeHdf5(
  file: string,
  members: readonly (GroupToWrite | DatasetToWrite)[],
): Promise<Uint8Array> {
  const module = await loadH5wasm(file);
  const name = `/convforge-new-${created++}.h5`;
  const id = module.open(name, module.H5F_ACC_TRUNC, false, -1, -1);
  let isOpen = true;
  try {
    const { node } = module.FS.lookupPath(name);
    // Otherwise the file would be copied each time it grows.
    node.contents = new Uint8Array(expectedSize(members));
    for (const member of members) {
      if ('values' in member) await writeDataset(module, file, id, member);
      else writeGroup(module, file, id, member);
      await turnOfEventLoop();
    }
    isOpen = false;
    check(file, '/', module.close_file(id));
    return node.contents.subarray(0, node.usedBytes);
  } finally {
    if (isOpen) module.close_file(id);
    module.FS.unlink(name);
  }
}

function expectedSize(members: readonly (GroupToWrite | DatasetToWrite)[]): number {
  const each = members.map(
    (member) => ('values' in member ? member.values.byteLength : 0) + BYTES_PER_OBJECT,
  );
  return each.reduce((sum, size) => sum + size, BYTES_PER_OBJECT);
}

function writeGroup(
  module: H5Module,
  file: string,
  id: bigint,
  { path, attributes = {} }: GroupToWrite,
): void {
  if (path !== '/') check(file, path, module.create_group(id, path, false));
  for (const [name, text] of Object.entries(attributes)) {
    const shape = typeof text === 'string' ? [] : [BigInt(text.length)];
    const metadata = { type: STRING, size: 4, signed: false, vlen: true, shape, maxshape: shape };
    const texts = typeof text === 'string' ? [text] : text;
    check(file, path, module.create_vlen_str_attribute(id, path, name, texts, metadata));
  }
}

async function writeDataset(
  module: H5Module,
  file: string,
  id: bigint,
  { path, shape, values }: DatasetToWrite,
): Promise<void> {
  const isInteger = values.BYTES_PER_ELEMENT === 8;
  const dimensions = shape.map(BigInt);
  const metadata = {
    type: isInteger ? INTEGER : FLOAT,
    size: values.BYTES_PER_ELEMENT,
    signed: isInteger,
    vlen: false,
    shape: dimensions,
    maxshape: dimensions,
    chunks: null,
  };
  const size = Math.min(values.byteLength, PIECE);
  const pointer = module._malloc(size);
  if (pointer === 0) throw new ConvforgeError('OUT_OF_MEMORY', `${file}: no memory for ${size} bytes.`);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const put = (from: number, length: number) =>
    module.HEAPU8.set(bytes.subarray(from, from + length), pointer);
  try {
    if (values.byteLength <= PIECE) {
      put(0, size);
      check(file, path, module.create_dataset(id, path, BigInt(pointer), metadata));
      return;
    }
    // Without a pointer to its values, a dataset is made all the same.
    check(file, path, module.create_dataset(id, path, 0n, metadata));
    for (const { start, count, from, length } of piecesOf(shape, values.BYTES_PER_ELEMENT)) {
      if (from > 0) await turnOfEventLoop();
      put(from * values.BYTES_PER_ELEMENT, length * values.BYTES_PER_ELEMENT);
      const steps = count.map(() => 1n);
      check(file, path, module.set_dataset_data(id, path, count, start, steps, BigInt(pointer)));
    }
  } finally {
    module._free(pointer);
  }
}

function check(file: string, path: string, status: number): void {
  if (status < 0)
    throw new ConvforgeError('INTERNAL', `${file}: h5wasm can't write the HDF5 object '${path}'.`);
}
