import type { Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ConvforgeError } from '../errors.js';
import { allocate } from '../tensor/dtype.js';
import { Tensor } from '../tensor/index.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { type IdxHeader, LONGEST_HEADER, parseIdxHeader } from './idx-format.js';

/** Most bytes that a byte of deflate can inflate to (zlib's technical notes: 1032:1). */
const MOST_INFLATED = 1032;

/** Bytes a read. */
const CHUNK = 1 << 20;

/**
 * Reads an IDX file, gzipped or not. Never allocates more memory than a file of that length can fill.
 *
 * @param hash Is updated with the uncompressed content.
 * @throws IO_ERROR if the file can't be read; CORRUPT_FILE, with the fault, if it is damaged or of another
 * format; TOO_LARGE or OUT_OF_MEMORY if its values don't fit in memory.
 */
export async function readIdx(path: string, hash?: Hash): Promise<Tensor> {
  const file = await open(path).catch((error) => failToRead(path, error));
  try {
    const { size } = await file.stat();
    const isGzipped = await startsAsGzip(file);
    const most = isGzipped ? size * MOST_INFLATED : size;
    const content = new IdxContent(path, most, hash);
    const source = file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK });
    // The pipeline reports errors through the stream that is read.
    await content.readAll(
      isGzipped ? pipeline(source, createGunzip({ chunkSize: CHUNK }), () => {}) : source,
    );
    return content.finish();
  } catch (error) {
    return failToRead(path, error);
  } finally {
    await file.close();
  }
}

/** Collects the content of a file chunk by chunk: the header, then as many bytes as the header says. */
class IdxContent {
  #start = Buffer.alloc(0);
  #header?: IdxHeader;
  #values: Uint8Array = new Uint8Array(0);
  #filled = 0;

  constructor(
    private readonly path: string,
    /** The most bytes that the content can have. */
    private readonly most: number,
    private readonly hash?: Hash,
  ) {}

  async readAll(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) {
      this.hash?.update(chunk);
      if (this.#header !== undefined) {
        this.#take(chunk);
        continue;
      }
      this.#start = Buffer.concat([this.#start, chunk]);
      if (this.#start.length >= LONGEST_HEADER) this.#readHeader();
    }
    if (this.#header === undefined) this.#readHeader();
  }

  finish(): Tensor {
    const { type, shape } = this.#header as IdxHeader;
    if (this.#filled < this.#values.length) this.#failTruncated(`it has ${this.#filled}`);
    return new Tensor(type.decode(this.#values), shape, type.dtype);
  }

  #readHeader(): void {
    const header = parseIdxHeader(this.#start);
    if (typeof header === 'string') failCorrupt(this.path, header);
    this.#header = header;
    const expected = sizeOf(header.shape) * header.type.size;
    if (!(expected <= this.most - header.length)) {
      this.#failTruncated('the file is too short for that');
    }
    this.#values = allocate('uint8', expected, this.path) as Uint8Array;
    this.#take(this.#start.subarray(header.length));
  }

  #take(chunk: Buffer): void {
    if (this.#filled + chunk.length > this.#values.length) {
      failCorrupt(this.path, `more bytes follow than the ${this.#values.length} of ${this.#promise()}`);
    }
    this.#values.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  #failTruncated(instead: string): never {
    const { type, shape } = this.#header as IdxHeader;
    const expected = sizeOf(shape) * type.size;
    return failCorrupt(this.path, `${this.#promise()} take ${expected} bytes, and ${instead}`);
  }

  #promise(): string {
    const { type, shape } = this.#header as IdxHeader;
    return `the ${showShape(shape)} values of type ${type.name} that its header promises`;
  }
}

async function startsAsGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
}

function failCorrupt(path: string, fault: string, cause?: unknown): never {
  throw new ConvforgeError('CORRUPT_FILE', `${path} is not an intact IDX file: ${fault}. Get it again.`, {
    cause,
  });
}

function failToRead(path: string, error: unknown): never {
  if (error instanceof ConvforgeError) throw error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('Z_')) return failCorrupt(path, `its gzip data are damaged (${message})`, error);
  throw new ConvforgeError('IO_ERROR', `Can't read ${path}: ${message}.`, { cause: error });
}
