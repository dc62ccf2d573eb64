import fs from 'node:fs';
import promises from 'node:fs/promises';
import path from 'node:path';
import { afterAll, vi } from 'vitest';

/** Notes which files a loader opens or reads, by any function of node:fs that loaders use. */
export class WatchedFiles {
  readonly #opened: string[] = [];

  constructor() {
    const note = (target: object, name: string) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      const spy = vi.spyOn(target as never, name as never) as unknown as {
        mockImplementation(replacement: typeof call): void;
        mockRestore(): void;
      };
      spy.mockImplementation((...args: unknown[]) => {
        this.#opened.push(String(args[0]));
        return call.apply(target, args);
      });
      afterAll(() => spy.mockRestore());
    };
    for (const name of ['open', 'readFile']) note(promises, name);
    for (const name of ['readFile', 'createReadStream', 'open']) note(fs, name);
  }

  /** The files outside of `folder` that were opened during `action`, after links are followed. */
  async outside(folder: string, action: () => Promise<unknown>): Promise<string[]> {
    this.#opened.length = 0;
    await action();
    const real = (file: string) => {
      try {
        return fs.realpathSync(file);
      } catch {
        return path.resolve(file);
      }
    };
    const root = real(folder) + path.sep;
    // Folders are opened to sync them to disk.
    const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
    return this.#opened.map(real).filter((file) => !file.startsWith(root) && isFile(file));
  }
}
