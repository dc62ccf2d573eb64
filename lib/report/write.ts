import { writeFile } from 'node:fs/promises';
import { writeAtomically } from '../io/write-files.js';

/**
 * Writes a chart or a page to a file atomically. Makes the folder if it is missing. Rejects with IO_ERROR.
 */
export async function write(path: string, content: string): Promise<void> {
  await writeAtomically(path, (temporary) => writeFile(temporary, content));
}
