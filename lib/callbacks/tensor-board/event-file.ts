import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConvforgeError } from '../../errors.js';
import type { Field } from './protobuf.js';
import { record } from './records.js';
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
