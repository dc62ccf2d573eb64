import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { warn } from '../warnings.js';
import { readCheckpointFiles, writeCheckpointFiles } from './checkpoint-files.js';
import { corrupt, unreadable } from './failures.js';
import type { PackedState } from './packed-state.js';
import type { JsonObject } from './read-model-json.js';
import { renameWhenFree } from './rename.js';
import { removeQuietly, temporariesIn, temporaryPath } from './temporaries.js';
import { syncFolder, unwritable } from './write-files.js';

const NAME = /^checkpoint-(\d{6,15})$/;

/** A checkpoint that was read. */
export interface ReadCheckpoint {
  path: string;
  data: JsonObject;
}

/**
 * The checkpoints of a training in one folder: folders checkpoint-000001, checkpoint-000002 and so on. A new one
 * is made under another name and then renamed, so that each is whole.
 */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #keep: number;
  /** Names of checkpoints that can't be read. They go once there is a new one. */
  readonly #damaged = new Set<string>();

  constructor(folder: string, keep: number) {
    this.#folder = folder;
    this.#keep = keep;
  }

  /** Removes what killed writers left. */
  async clean(): Promise<void> {
    const left = await temporariesIn(this.#folder, (target) => NAME.test(target));
    for (const { path, isStray } of left) if (isStray) await removeQuietly(path);
  }

  /** Whether there is any checkpoint. Rejects with IO_ERROR. */
  async hasAny(): Promise<boolean> {
    return (await this.#names()).length > 0;
  }

  /**
   * Reads the newest checkpoint that is whole, and warns of those that aren't. Resolves to undefined if there
   * is none. Rejects with CORRUPT_FILE if none is whole; IO_ERROR, UNSUPPORTED, OUT_OF_MEMORY.
   */
  async readNewest(): Promise<ReadCheckpoint | undefined> {
    const names = await this.#names();
    let newest: ConvforgeError | undefined;
    for (const [i, name] of names.entries()) {
      const path = join(this.#folder, name);
      try {
        return { path, data: await readCheckpointFiles(path) };
      } catch (error) {
        if (!(error instanceof ConvforgeError) || error.code !== 'CORRUPT_FILE') throw error;
        newest ??= error;
        this.#damaged.add(name);
        const next = names[i + 1];
        if (next !== undefined) warn(`${error.message} The checkpoint before it, ${next}, is taken.`);
      }
    }
    if (!newest) return undefined;
    throw corrupt(
      this.#folder,
      `none of its checkpoints is whole (${newest.message.replace(/\.$/, '')}). Delete them to begin anew`,
      newest,
    );
  }

  /** Writes a checkpoint, and then removes all but the newest. Rejects with IO_ERROR, TOO_LARGE. */
  async write(data: PackedState): Promise<void> {
    const folder = this.#folder;
    let temporary: string | undefined;
    try {
      const made = await mkdir(folder, { recursive: true });
      if (made !== undefined) await syncFolder(dirname(made));
      temporary = temporaryPath(join(folder, nameOf(await this.#nextNumber())));
      await writeCheckpointFiles(temporary, data);
      await this.#place(temporary);
      await syncFolder(folder);
    } catch (error) {
      if (temporary !== undefined) await removeQuietly(temporary);
      if (error instanceof ConvforgeError) throw error;
      throw unwritable(temporary ?? folder, error);
    }
    await this.#removeOld();
  }

  async #place(temporary: string): Promise<void> {
    for (;;) {
      const number = await this.#nextNumber();
      try {
        return await renameWhenFree(temporary, join(this.#folder, nameOf(number)));
      } catch (error) {
        // Another process may have taken the number meanwhile.
        if ((await this.#nextNumber()) === number) throw error;
      }
    }
  }

  async #removeOld(): Promise<void> {
    const names = await this.#names();
    const whole = names.filter((name) => !this.#damaged.has(name));
    for (const name of names) {
      if (whole.slice(0, this.#keep).includes(name)) continue;
      const path = join(this.#folder, name);
      const temporary = temporaryPath(path);
      // Renamed first, since a checkpoint of which a part is removed would look damaged.
      const isRenamed = await rename(path, temporary).then(
        () => true,
        () => false,
      );
      if (isRenamed) await removeQuietly(temporary);
    }
  }

  async #nextNumber(): Promise<number> {
    const [newest] = await this.#names();
    return newest === undefined ? 1 : numberOf(newest) + 1;
  }

  /** Names of the checkpoints, newest first. */
  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw unreadable(this.#folder, error);
    });
    return names.filter((name) => NAME.test(name)).sort((a, b) => numberOf(b) - numberOf(a));
  }
}

function nameOf(number: number): string {
  return `checkpoint-${String(number).padStart(6, '0')}`;
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}
