import type { Bytes } from './artifacts.js';
import { byteLength, joinBytes, piecesOf } from './bytes.js';

/** Pieces of bytes that are read as if they were one ArrayBuffer, without joining them. */
export class CompositeArrayBuffer {
  /** Bytes of all pieces. */
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

  /** The bytes of all pieces in one. Throws INVALID_ARGUMENT, OUT_OF_MEMORY. */
  static join(buffers?: Bytes | readonly Bytes[]): ArrayBuffer {
    return new CompositeArrayBuffer(buffers).slice();
  }

  /** A copy of the bytes from `start` up to and without `end`; from the first, and to the last, by default. Throws OUT_OF_MEMORY. */
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
