import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConvforgeError } from '../errors.js';

/**
 * Rejects with IO_ERROR unless `files` and their folders can be made in `folder`. Called before a training,
 * whose result would otherwise be lost. Leaves nothing behind.
 */
export async function checkFolder(option: string, folder: string, files: readonly string[]): Promise<void> {
  const paths = files.map((file) => resolve(folder, file));
  try {
    for (const place of new Set(paths.map(dirname))) await tryToWrite(await existing(place));
    for (const path of paths) {
      if ((await kindOf(path)) === 'folder') throw new Error(`${path} is a folder, not a file`);
    }
  } catch (cause) {
    throw new ConvforgeError('IO_ERROR', `--${option} ${folder}: ${(cause as Error).message}.`, { cause });
  }
}

/** The folder, or its nearest ancestor that exists. */
async function existing(folder: string): Promise<string> {
  const kind = await kindOf(folder);
  if (kind === 'file') throw new Error(`${folder} is a file, not a folder`);
  return kind === 'folder' ? folder : existing(dirname(folder));
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Nothing can be below a file. The error names that file.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function tryToWrite(folder: string): Promise<void> {
  await rmdir(await mkdtemp(join(folder, '.convforge-')));
}
