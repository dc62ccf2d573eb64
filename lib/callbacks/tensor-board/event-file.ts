import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConvforgeError } from '../../errors.js';
import { crc32c } from '../../io/crc.js';
import type { Field } from './protobuf.js';
import { fileVersion, summaryEvent } from './summaries.js';

let files = 0;

/** A file of events in a folder, made with the first of them. */
export class EventFile {
  readonly #folder: string;
  #path?: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Appends what belongs to one step. Rejects with IO_ERROR. */
  async write(step: number, values: readonly Field[]): Promise<void> {
    if (values.length === 0) return;
    const events = [record(summaryEvent(step, values))];
    try {
      if (this.#path === undefined) {
        await mkdir(this.#folder, { recursive: true });
        this.#path = join(this.#folder, newName());
        events.unshift(record(fileVersion()));
      }
      await appendFile(this.#path, Buffer.concat(events));
    } catch (cause) {
      const { message } = cause as Error;
      throw new ConvforgeError('IO_ERROR', `tensorBoard: can't write to ${this.#folder}: ${message}.`, {
        cause,
      });
    }
  }
}

/** TensorBoard reads files whose names have "tfevents" in them, in the order of names. */
function newName(): string {
  const seconds = Math.floor(Date.now() / 1000);
  return `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}.v2`;
}

/** Masks a checksum, as TFRecord files do where data may hold checksums itself: rotated right by 15 bits, plus a constant. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

/** A TFRecord: length [uint64], its masked CRC-32C [uint32], the data, and the data's; little-endian. */
export function record(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(12 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return framed;
}
