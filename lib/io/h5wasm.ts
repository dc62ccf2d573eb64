import { ConvforgeError } from '../errors.js';
import { importPackage } from '../import-package.js';
import { isError } from '../realms.js';

/**
 * Loads the optional package h5wasm. Its build for browsers runs in Node, too, and keeps files in memory; the
 * one for Node would let links inside of a file open others on the disk.
 */
export async function loadH5wasm(file: string) {
  try {
    const h5wasm = await importPackage('h5wasm', () => import('h5wasm'));
    const module = await h5wasm.ready;
    silence(module.FS as unknown as Streams);
    return { module };
  } catch (cause) {
    const reason = isError(cause) ? ` (${cause.message.split('\n')[0]})` : '';
    throw new ConvforgeError(
      'PEER_MISSING',
      `${file}: HDF5 files need the package h5wasm, which can't be loaded; install it: npm install h5wasm${reason}`,
      { cause },
    );
  }
}

/** What emscripten's file system has beside its types. */
interface Streams {
  getStream(descriptor: number): { tty?: { ops: object } };
}

/** HDF5 prints a trace of each damaged file to standard error, beside the error. */
function silence(files: Streams): void {
  const { tty } = files.getStream(2);
  if (tty) tty.ops = { ...tty.ops, put_char: () => {}, fsync: () => {} };
}
