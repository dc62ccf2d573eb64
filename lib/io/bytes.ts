import { turnOfEventLoop } from '../program/sliced-work.js';
import { types } from 'node:util';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Bytes } from './artifacts.js';
import type { ByteReader } from './weight-values.js';

/**
 * Views one or several pieces of bytes, without copying. Throws INVALID_ARGUMENT, naming `what`, for anything
 * else.
 */
export function piecesOf(data: unknown, what: string): Uint8Array[] {
  const list: unknown[] = Array.isArray(data) ? data : [data];
  return list.map((piece) => {
    if (types.isAnyArrayBuffer(piece)) return new Uint8Array(piece);
    if (ArrayBuffer.isView(piece)) return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: ${show(piece)} holds no bytes; give an ArrayBuffer, a typed array or a Buffer, or a list of them.`,
    );
  });
}

export function byteLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** Concatenates pieces. Throws OUT_OF_MEMORY, naming `what`. */
export function joinBytes(pieces: readonly Uint8Array[], what: string): ArrayBuffer {
  const buffer = allocateBytes(byteLength(pieces), what);
  const joined = new Uint8Array(buffer);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return buffer;
}

/** Allocates `length` zero bytes. Throws OUT_OF_MEMORY, naming `what`. */
export function allocateBytes(length: number, what: string): ArrayBuffer {
  try {
    return new ArrayBuffer(length);
  } catch (cause) {
    throw new ConvforgeError('OUT_OF_MEMORY', `${what}: there is no memory for ${length} bytes of weights.`, {
      cause,
    });
  }
}

/** Number of bytes to copy before yielding to the event loop. */
const BYTES_PER_PAUSE = 2 ** 22;

/** Reads several pieces of memory as one. */
export class MemoryReader implements ByteReader {
  readonly #pieces: readonly { bytes: Uint8Array; length: number }[];
  readonly #what: string;
  #piece = 0;
  #position = 0;
  #bytesSincePause = 0;

  constructor(pieces: readonly Uint8Array[], what: string) {
    this.#pieces = pieces.map((bytes) => ({ bytes, length: bytes.length }));
    this.#what = what;
  }

  async fill(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      const { bytes, length } = this.#pieces[this.#piece];
      const count = Math.min(target.length - filled, length - this.#position, BYTES_PER_PAUSE);
      if (count === 0) {
        this.#piece++;
        this.#position = 0;
        continue;
      }
      if (bytes.length !== length) this.#failDetached();
      target.set(bytes.subarray(this.#position, this.#position + count), filled);
      filled += count;
      this.#position += count;
      this.#bytesSincePause += count;
      if (this.#bytesSincePause < BYTES_PER_PAUSE) continue;
      this.#bytesSincePause = 0;
      await turnOfEventLoop();
    }
  }

  #failDetached(): never {
    throw new ConvforgeError(
      'BUFFER_DETACHED',
      `${this.#what}: its weightData was transferred or resized while the model was loaded; give a copy.`,
    );
  }
}

/** Several pieces of bytes that read as one ArrayBuffer, without joining them. */
export class CompositeArrayBuffer {
  /** Total number of bytes. */
  readonly byteLength: number;
  readonly #pieces: readonly Uint8Array[];

  /**
   * @param buffers The pieces. Default none.
   * @throws INVALID_ARGUMENT for what holds no bytes.
   */
  constructor(buffers: Bytes | readonly Bytes[] = []) {
    this.#pieces = piecesOf(buffers, 'io.CompositeArrayBuffer');
    this.byteLength = byteLength(this.#pieces);
  }

  /** Concatenates pieces into one buffer. Throws INVALID_ARGUMENT, OUT_OF_MEMORY. */
  static join(buffers?: Bytes | readonly Bytes[]): ArrayBuffer {
    return new CompositeArrayBuffer(buffers).slice();
  }

  /** Copies the bytes in [start, end); by default all of them. Throws OUT_OF_MEMORY. */
  slice(start = 0, end: number = this.byteLength): ArrayBuffer {
    let at = 0;
    const parts = this.#pieces.map((piece) => {
      const part = piece.subarray(clamp(start - at, piece.length), clamp(end - at, piece.length));
      at += piece.length;
      return part;
    });
    return joinBytes(parts, 'io.CompositeArrayBuffer');
  }
}

function clamp(index: number, length: number): number {
  return Math.min(Math.max(index, 0), length);
}
