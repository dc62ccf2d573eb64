import { ConvforgeError } from '../errors.js';
import { turnOfEventLoop } from '../program/sliced-work.js';
import { corrupt, unsupported } from './failures.js';
import { type H5Module, loadH5wasm, type Metadata } from './h5wasm.js';
import { Hdf5Headers } from './hdf5-headers.js';
import { numberName, OPAQUE, readNumbers, STRING } from './hdf5-numbers.js';
import { PIECE, piecesOf } from './hdf5-pieces.js';

/** What an attribute holds. */
export type Hdf5Value = string | number | readonly string[] | readonly number[];

/** An array of a file. */
export interface Hdf5Dataset {
  readonly kind: 'dataset';
  readonly path: string;
  readonly shape: readonly number[];
  readonly attributes: ReadonlyMap<string, Hdf5Value>;
  /** 'float32', 'int64', ...; 'other' for what isn't a number. */
  readonly dtype: string;
  /** The numbers, of any type, as float32, read in pieces between which the event loop runs. */
  read(): Promise<Float32Array>;
}

/** A folder of a file. */
export interface Hdf5Group {
  readonly kind: 'group';
  readonly path: string;
  readonly attributes: ReadonlyMap<string, Hdf5Value>;
  /** In the file's order of names. */
  readonly children: ReadonlyMap<string, Hdf5Group | Hdf5Dataset>;
}

const MAX_DEPTH = 64;
const MAX_OBJECTS = 100_000;
/**
 * All datasets together may take this many bytes, whatever the file's size, or MAX_RATIO times that. Weights
 * compress by a few percent, state of zeros 1000 times.
 */
const ALWAYS_ALLOWED = 2 ** 26;
const MAX_RATIO = 100;

let opened = 0;

/**
 * Opens an HDF5 file. It refuses files with links, external storage or virtual datasets. The bytes must not change
 * until it is closed.
 *
 * @param file Its name in messages.
 */
export async function openHdf5(bytes: Uint8Array, file: string): Promise<{ root: Hdf5Group; close(): void }> {
  const headers = new Hdf5Headers(bytes, file);
  const module = await loadH5wasm(file);
  const name = `/convforge-${opened++}.h5`;
  const id = guarded(file, '/', () => {
    module.FS.writeFile(name, bytes, { canOwn: true });
    return module.open(name, module.H5F_ACC_RDONLY, false, -1, -1);
  });
  const close = () => {
    if (id >= 0n) module.close_file(id);
    module.FS.unlink(name);
  };
  try {
    if (id < 0n) throw corrupt(file, 'the HDF5 file is damaged or cut off');
    return { root: new Reader(module, id, file, bytes.length, headers).root(), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Errors of h5wasm, which may be numbers, become CORRUPT_FILE. */
function guarded<T>(file: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ConvforgeError) throw error;
    throw corrupt(file, `the HDF5 object '${path}' can't be read`, error);
  }
}

/** Walks a file's tree. */
class Reader {
  readonly #module: H5Module;
  readonly #id: bigint;
  readonly #file: string;
  readonly #fileSize: number;
  readonly #headers: Hdf5Headers;
  #objects = 0;
  #bytes = 0;

  constructor(module: H5Module, id: bigint, file: string, fileSize: number, headers: Hdf5Headers) {
    this.#module = module;
    this.#id = id;
    this.#file = file;
    this.#fileSize = fileSize;
    this.#headers = headers;
  }

  root(): Hdf5Group {
    return guarded(this.#file, '/', () => this.#group('/', []));
  }

  #group(path: string, above: readonly bigint[]): Hdf5Group {
    const address = this.#address(path);
    if (above.includes(address)) throw corrupt(this.#file, `the HDF5 group '${path}' holds itself`);
    if (above.length >= MAX_DEPTH)
      throw corrupt(this.#file, `the HDF5 groups are nested deeper than ${MAX_DEPTH} at '${path}'`);
    const children = new Map<string, Hdf5Group | Hdf5Dataset>();
    for (const name of this.#module.get_names(this.#id, path, false)) {
      const childPath = `${path === '/' ? '' : path}/${name}`;
      children.set(
        name,
        guarded(this.#file, childPath, () => this.#child(childPath, [...above, address])),
      );
    }
    return { kind: 'group', path, attributes: this.#attributes(path), children };
  }

  #child(path: string, above: readonly bigint[]): Hdf5Group | Hdf5Dataset {
    const { H5G_GROUP, H5G_DATASET, H5G_UDLINK } = this.#module;
    if (++this.#objects > MAX_OBJECTS)
      throw corrupt(this.#file, `it has more than ${MAX_OBJECTS} HDF5 objects`);
    // Asked first, because get_type follows soft links.
    if (typeof this.#module.get_symbolic_link(this.#id, path) === 'string')
      throw unsupported(this.#file, `the HDF5 member '${path}' is a soft link; links are not followed`);
    const type = this.#module.get_type(this.#id, path);
    if (type === H5G_UDLINK)
      throw unsupported(this.#file, `the HDF5 member '${path}' is an external link; links are not followed`);
    if (type === H5G_GROUP) return this.#group(path, above);
    if (type === H5G_DATASET) return this.#dataset(path);
    throw unsupported(this.#file, `the HDF5 member '${path}' is neither a group nor a dataset`);
  }

  /** The address of an object's header, which identifies it: several hard links may lead to it. */
  #address(path: string): bigint {
    const reference = this.#module.create_object_reference(this.#id, path);
    return Buffer.from(reference).readBigUInt64LE(0);
  }

  #dataset(path: string): Hdf5Dataset {
    const module = this.#module;
    if (this.#headers.isExternal(this.#address(path), path))
      throw unsupported(this.#file, `the HDF5 dataset '${path}' has its data in another file`);
    const metadata = module.get_dataset_metadata(this.#id, path);
    if (metadata.virtual_sources)
      throw unsupported(this.#file, `the HDF5 dataset '${path}' is a virtual one, a view of others`);
    const attributes = this.#attributes(path);
    const isBfloat =
      metadata.type === OPAQUE && metadata.size === 2 && attributes.get('dtype') === 'bfloat16';
    const dtype = isBfloat ? 'bfloat16' : numberName(metadata);
    this.#checkSize(path, metadata);
    return {
      kind: 'dataset',
      path,
      shape: metadata.shape ?? [],
      attributes,
      dtype: dtype ?? 'other',
      read: async () => {
        if (dtype === undefined || metadata.shape === null)
          throw unsupported(this.#file, `the HDF5 dataset '${path}' doesn't hold numbers`);
        return this.#read(path, metadata, dtype);
      },
    };
  }

  #checkSize(path: string, { size, total_size, chunks }: Metadata): void {
    const chunk = chunks === null ? 0 : chunks.reduce((product, length) => product * length, size);
    const needed = size * total_size;
    this.#bytes += needed;
    const most = Math.max(ALWAYS_ALLOWED, MAX_RATIO * this.#fileSize);
    const isPacked = chunks !== null && this.#module.get_dataset_filters(this.#id, path).length > 0;
    if (this.#bytes > most || chunk > most || (!isPacked && needed > this.#fileSize))
      throw corrupt(this.#file, `the HDF5 dataset '${path}' claims more data than the file can hold`);
  }

  async #read(
    path: string,
    { size, total_size, shape, chunks }: Metadata,
    dtype: string,
  ): Promise<Float32Array> {
    const out = new Float32Array(total_size);
    if (total_size === 0) return out;
    const isWhole = shape === null || size * total_size <= PIECE;
    const pieces = isWhole
      ? [{ start: null, count: null, from: 0, length: total_size }]
      : piecesOf(shape, size, this.#isUnpacked(path, size, chunks) ? undefined : (chunks ?? undefined));
    for (const { start, count, from, length } of pieces) {
      if (from > 0) await turnOfEventLoop();
      const part = out.subarray(from, from + length);
      const steps = count?.map(() => 1n) ?? null;
      const done = guarded(this.#file, path, () =>
        this.#use(
          size * length,
          (pointer) => this.#module.get_dataset_data(this.#id, path, count, start, steps, pointer),
          (bytes) => readNumbers(bytes, dtype, size, part),
        ),
      );
      if (!done) throw corrupt(this.#file, `the data of the HDF5 dataset '${path}' are damaged`);
    }
    return out;
  }

  /** Whether parts of a chunk can be read alone: HDF5 reads smaller and packed ones whole. */
  #isUnpacked(path: string, size: number, chunks: readonly number[] | null): boolean {
    if (chunks === null) return true;
    const bytes = chunks.reduce((product, length) => product * length, size);
    return bytes > PIECE && this.#module.get_dataset_filters(this.#id, path).length === 0;
  }

  /** What `use` makes of the bytes that `read` stores at the pointer; undefined if it fails. */
  #use<T>(size: number, read: (pointer: bigint) => number, use: (bytes: Uint8Array) => T): T | undefined {
    const pointer = this.#module._malloc(size);
    if (pointer === 0)
      throw new ConvforgeError('OUT_OF_MEMORY', `${this.#file}: no memory for ${size} bytes.`);
    try {
      if (read(BigInt(pointer)) < 0) return undefined;
      return use(this.#module.HEAPU8.subarray(pointer, pointer + size));
    } finally {
      this.#module._free(pointer);
    }
  }

  #attributes(path: string): ReadonlyMap<string, Hdf5Value> {
    const values = new Map<string, Hdf5Value>();
    for (const name of this.#module.get_attribute_names(this.#id, path)) {
      const value = this.#attribute(path, name);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  /** undefined if it is empty or of a type that models don't use, such as references. */
  #attribute(path: string, name: string): Hdf5Value | undefined {
    const metadata = this.#module.get_attribute_metadata(this.#id, path, name);
    const { shape, size, total_size, type, vlen } = metadata;
    const dtype = numberName(metadata);
    if (shape === null || (type !== STRING && dtype === undefined)) return undefined;
    const needed = size * total_size;
    if (needed > this.#fileSize)
      throw corrupt(
        this.#file,
        `the attribute '${name}' of '${path}' claims more data than the file can hold`,
      );
    if (total_size === 0) return [];
    let strings: string[] | undefined;
    const bytes = this.#use(
      needed,
      (pointer) => {
        const status = this.#module.get_attribute_data(this.#id, path, name, pointer);
        if (status >= 0 && type === STRING && vlen) strings = this.#strings(Number(pointer), total_size);
        if (vlen) this.#module.reclaim_vlen_memory(this.#id, path, name, pointer);
        return status;
      },
      (read) => read.slice(),
    );
    if (bytes === undefined)
      throw corrupt(this.#file, `the attribute '${name}' of the HDF5 object '${path}' is damaged`);
    const values =
      type === STRING
        ? (strings ?? fixedStrings(bytes, size))
        : [...readNumbers(bytes, dtype as string, size, new Float64Array(total_size))];
    return shape.length === 0 ? values[0] : values;
  }

  /** Strings of variable length, from the pointers to them. */
  #strings(pointer: number, count: number): string[] {
    const heap = this.#module.HEAPU8;
    const view = new DataView(heap.buffer);
    return Array.from({ length: count }, (_, i) => {
      const from = view.getUint32(pointer + 4 * i, true);
      return from === 0 ? '' : Buffer.from(heap.subarray(from, heap.indexOf(0, from))).toString('utf8');
    });
  }
}

/** Strings of `size` bytes each, padded with zeros. */
function fixedStrings(bytes: Uint8Array, size: number): string[] {
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const text = Buffer.from(bytes.subarray(i * size, (i + 1) * size)).toString('utf8');
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  });
}

/**
 * A list of strings, such as `layer_names`. Keras splits one that is too long for an attribute over
 * `layer_names0`, `layer_names1` and so on. undefined if there is none.
 */
export function stringList(
  attributes: ReadonlyMap<string, Hdf5Value>,
  name: string,
): readonly string[] | undefined {
  const whole = attributes.get(name);
  if (whole !== undefined) return [whole].flat().map(String);
  const strings: string[] = [];
  let part = 0;
  for (; attributes.has(`${name}${part}`); part++)
    strings.push(...[attributes.get(`${name}${part}`) as Hdf5Value].flat().map(String));
  return part === 0 ? undefined : strings;
}
