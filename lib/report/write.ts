import { writeFile } from 'node:fs/promises';
import { writeAtomically } from '../io/write-atomically.js';

/** Writes a chart or a page to a file, whole or not at all, making its folder if need be. Rejects with IO_ERROR. */
export async function write(path: string, content: string): Promise<void> {
  await writeAtomically(path, (temporary) => writeFile(temporary, content));
}
