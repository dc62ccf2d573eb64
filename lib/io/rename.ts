import { rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What Windows reports while another process, such as a virus scanner, holds one of the two names. */
const HELD: readonly unknown[] = ['EACCES', 'EBUSY', 'EPERM'];

/** Milliseconds before each further try, 1.3 s in all. */
const PAUSES = [10, 20, 40, 80, 160, 320, 640];

/**
 * Renames a file or folder. On Windows it tries again while another process holds it. Rejects with the last
 * failure.
 */
export async function renameWhenFree(from: string, to: string): Promise<void> {
  for (const milliseconds of process.platform === 'win32' ? PAUSES : []) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!HELD.includes((error as NodeJS.ErrnoException).code)) throw error;
    }
    await pause(milliseconds);
  }
  await rename(from, to);
}
