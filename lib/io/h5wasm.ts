import { ConvforgeError } from '../errors.js';
import { importPackage } from '../import-package.js';
import { isError } from '../realms.js';

/** How h5wasm describes a dataset or an attribute. */
export interface Metadata {
  type: number;
  size: number;
  signed: boolean;
  enum_type?: { type: number };
  vlen: boolean;
  shape: number[] | null;
  total_size: number;
  chunks: number[] | null;
  virtual_sources?: unknown[];
}

/** The part of h5wasm's module that is used. Typed here, as the package may be missing. */
export interface H5Module {
  readonly H5F_ACC_RDONLY: number;
  readonly H5F_ACC_TRUNC: number;
  readonly H5G_GROUP: number;
  readonly H5G_DATASET: number;
  readonly H5G_UDLINK: number;
  readonly HEAPU8: Uint8Array;
  readonly FS: {
    /** With canOwn, the file is these bytes, not a copy of them. */
    writeFile(name: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
    unlink(name: string): void;
    lookupPath(name: string): { node: { contents: Uint8Array; usedBytes: number } };
    getStream(descriptor: number): { tty?: { ops: object } };
  };
  _malloc(size: number): number;
  _free(pointer: number): void;
  open(name: string, mode: number, trackOrder: boolean, low: number, high: number): bigint;
  close_file(file: bigint): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_symbolic_link(file: bigint, path: string): string | null;
  get_type(file: bigint, path: string): number;
  create_object_reference(file: bigint, path: string): Uint8Array;
  get_dataset_metadata(file: bigint, path: string): Metadata;
  get_dataset_filters(file: bigint, path: string): unknown[];
  get_dataset_data(
    file: bigint,
    path: string,
    count: readonly bigint[] | null,
    at: readonly bigint[] | null,
    steps: readonly bigint[] | null,
    to: bigint,
  ): number;
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Metadata;
  get_attribute_data(file: bigint, path: string, name: string, to: bigint): number;
  create_group(file: bigint, path: string, trackOrder: boolean): number;
  create_dataset(file: bigint, path: string, from: bigint, metadata: object): number;
  set_dataset_data(
    file: bigint,
    path: string,
    count: readonly bigint[],
    at: readonly bigint[],
    steps: readonly bigint[],
    from: bigint,
  ): number;
  create_vlen_str_attribute(
    file: bigint,
    path: string,
    name: string,
    texts: readonly string[],
    metadata: object,
  ): number;
  reclaim_vlen_memory(file: bigint, path: string, name: string, at: bigint): number;
}

/** The type `string` keeps the compiler from resolving it, the comments in the import() bundlers. */
const PACKAGE: string = 'h5wasm';

/**
 * Loads the optional package h5wasm. Its build for browsers runs in Node, too, and keeps files in memory; the
 * one for Node would let links inside of a file open others on the disk.
 */
export async function loadH5wasm(file: string): Promise<H5Module> {
  try {
    const load = () => import(/* webpackIgnore: true */ /* @vite-ignore */ PACKAGE);
    const module = await (await importPackage<{ ready: Promise<H5Module> }>(PACKAGE, load)).ready;
    silence(module);
    return module;
  } catch (cause) {
    const reason = isError(cause) ? ` (${cause.message.split('\n')[0]})` : '';
    throw new ConvforgeError(
      'PEER_MISSING',
      `${file}: HDF5 files need the package h5wasm, which can't be loaded; install it: npm install h5wasm${reason}`,
      { cause },
    );
  }
}

/** HDF5 prints a trace of each damaged file to standard error, beside the error. */
function silence({ FS }: H5Module): void {
  const { tty } = FS.getStream(2);
  if (tty) tty.ops = { ...tty.ops, put_char: () => {}, fsync: () => {} };
}
