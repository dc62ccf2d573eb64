import { corrupt, unsupported } from './failures.js';

/** Message types of object headers that are looked for (HDF5 File Format Specification, IV.A.2). */
const EXTERNAL_FILES = 0x07;
const CONTINUATION = 0x10;
/** Bounds the continuation blocks of a header, which could form a cycle. */
const MAX_BLOCKS = 1000;

/** Where messages of an object header lie. */
interface Block {
  from: number;
  to: number;
}

/** Reads what h5wasm doesn't tell about objects from the bytes of an HDF5 file. */
export class Hdf5Headers {
  readonly #view: DataView;
  readonly #file: string;
  /** Offset of the superblock, behind the user block. Addresses count from it. */
  readonly #base: number;

  constructor(bytes: Uint8Array, file: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#base = findSuperblock(bytes);
    if (this.#base < 0) throw corrupt(file, 'it is no HDF5 file: the signature is missing');
    const sizesAt = this.#base + (bytes[this.#base + 8] < 2 ? 13 : 9);
    if (sizesAt + 2 > bytes.length) throw corrupt(file, 'the HDF5 file is cut off');
    if (bytes[sizesAt] !== 8 || bytes[sizesAt + 1] !== 8)
      throw unsupported(file, 'its HDF5 addresses do not have 8 bytes, as h5py writes them');
  }

  /** Whether the data of the object whose header has this address lie in other files. */
  isExternal(address: bigint, path: string): boolean {
    try {
      return this.#types(this.#base + Number(address)).has(EXTERNAL_FILES);
    } catch (cause) {
      throw corrupt(this.#file, `the HDF5 object '${path}' has a damaged header`, cause);
    }
  }

  #types(at: number): Set<number> {
    const view = this.#view;
    const types = new Set<number>();
    const isNew = view.getUint32(at, true) === 0x5244_484f; // OHDR
    const { first, entrySize } = isNew ? this.#newHeader(at) : this.#oldHeader(at);
    const blocks = [first];
    for (const { from, to } of blocks) {
      let place = from;
      while (place + entrySize <= to) {
        const type = isNew ? view.getUint8(place) : view.getUint16(place, true);
        const size = view.getUint16(place + (isNew ? 1 : 2), true);
        types.add(type);
        if (type === CONTINUATION) blocks.push(this.#continuation(place + entrySize, isNew));
        if (blocks.length > MAX_BLOCKS) throw new RangeError('too many blocks');
        place += entrySize + size;
      }
    }
    return types;
  }

  #oldHeader(at: number): { first: Block; entrySize: number } {
    if (this.#view.getUint8(at) !== 1) throw new RangeError('unknown version');
    return { first: { from: at + 16, to: at + 16 + this.#view.getUint32(at + 8, true) }, entrySize: 8 };
  }

  #newHeader(at: number): { first: Block; entrySize: number } {
    const flags = this.#view.getUint8(at + 5);
    const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    const width = 1 << (flags & 3);
    let size = 0;
    for (let i = width - 1; i >= 0; i--) size = size * 256 + this.#view.getUint8(sizeAt + i);
    const from = sizeAt + width;
    return { first: { from, to: from + size }, entrySize: flags & 4 ? 6 : 4 };
  }

  /** In the new layout, a block has a signature in front and a checksum behind. */
  #continuation(at: number, isNew: boolean): Block {
    const from = this.#base + Number(this.#view.getBigUint64(at, true));
    const to = from + Number(this.#view.getBigUint64(at + 8, true));
    return isNew ? { from: from + 4, to: to - 4 } : { from, to };
  }
}

/** The signature may follow a user block, whose size is 512 or a larger power of 2. */
function findSuperblock(bytes: Uint8Array): number {
  const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
  for (let at = 0; at + signature.length <= bytes.length; at = at === 0 ? 512 : at * 2)
    if (signature.equals(bytes.subarray(at, at + signature.length))) return at;
  return -1;
}
