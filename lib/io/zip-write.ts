import { Readable } from 'node:stream';
import { BYTES_PER_TURN } from './write-files.js';

/** The part of yazl that is used. */
interface Yazl {
  ZipFile: new () => {
    readonly outputStream: Readable;
    addReadStreamLazy(
      name: string,
      options: { compress: boolean; size: number },
      open: (done: (error: null, stream: Readable) => void) => void,
    ): void;
    end(): void;
  };
}

/** Makes a zip archive of these files, stored without compression, in pieces. */
export function zipPieces(files: ReadonlyMap<string, Uint8Array>): AsyncIterable<Uint8Array> {
  const { ZipFile } = require('yazl') as Yazl;
  const zip = new ZipFile();
  for (const [name, bytes] of files) {
    zip.addReadStreamLazy(name, { compress: false, size: bytes.length }, (done) =>
      done(null, Readable.from(slices(bytes), { objectMode: false })),
    );
  }
  zip.end();
  return zip.outputStream;
}

/** Small enough that a checksum of each doesn't hold the event loop. */
function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BYTES_PER_TURN) yield bytes.subarray(at, at + BYTES_PER_TURN);
}
