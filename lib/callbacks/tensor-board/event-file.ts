import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConvforgeError } from '../../errors.js';
import { crc32c } from '../../io/crc.js';
import type { Field } from './protobuf.js';
import { fileVersion, summaryEvent } from './summaries.js';

let files = 0;

/** An event file in a folder. The first write creates it. */
export class EventFile {
  readonly #folder: string;
  #path?: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Appends the values of one step. Rejects with IO_ERROR. */
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

/** A new file name. TensorBoard reads files with "tfevents" in their names, in the order of the names. */
function newName(): string {
  const seconds = Math.floor(Date.now() / 1000);
  return `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}.v2`;
}

/**
 * Masks a checksum, since TFRecord data may hold checksums itself: rotates right by 15 bits and adds a
 * constant.
 */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

/**
 * A TFRecord: length [uint64], masked CRC-32C of the length [uint32], data, masked CRC-32C of the data
 * [uint32]; all little-endian.
 */
export function record(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(12 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return framed;
}
