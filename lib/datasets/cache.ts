import { copyFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { writeAtomically } from '../io/write-files.js';
import { fileNames, type ImageSet } from './image-set.js';

/**
 * The folder of downloaded files: $CONVFORGE_CACHE, else $XDG_CACHE_HOME/convforge, else the system's cache
 * folder: ~/.cache/convforge, ~/Library/Caches/convforge (macOS) or %LOCALAPPDATA%\convforge\Cache (Windows).
 */
export function cacheFolder(): string {
  const { CONVFORGE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (CONVFORGE_CACHE) return CONVFORGE_CACHE;
  // The XDG Base Directory Specification says to ignore a relative path.
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'convforge');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'convforge');
  if (process.platform !== 'win32') return join(homedir(), '.cache', 'convforge');
  return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'convforge', 'Cache');
}

/**
 * Copies the set's gzipped files from `folder` to the cache. The caller must have checked them. Rejects with
 * IO_ERROR.
 */
export async function keepInCache(set: ImageSet, folder: string): Promise<void> {
  for (const name of fileNames(set)) {
    const path = join(cacheFolder(), set.name, `${name}.gz`);
    await writeAtomically(path, (temporary) => copyFile(join(folder, `${name}.gz`), temporary));
  }
}
