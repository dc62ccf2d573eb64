import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, unreadable } from './failures.js';

/**
 * The path in 'file://out', 'file:///home/me/out' or a plain path. What follows 'file://' is taken as it stands, as TF.js does.
 * @throws INVALID_ARGUMENT for what is no string, UNSUPPORTED for another scheme.
 */
export function readLocation(location: unknown, what: string): string {
  if (typeof location !== 'string' || location === '' || location === 'file://') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: ${show(location)} is no place; give a path, or a URL such as 'file://./model'.`,
    );
  }
  if (location.startsWith('file://')) return location.slice('file://'.length);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${what}: ${show(location)} can't be used; models are kept in files: give a path, or a URL such as 'file://./model'.`,
    );
  }
  return location;
}

/** The model.json that is meant by its own path, or by its folder's. Rejects with IO_ERROR if nothing is there, CORRUPT_FILE for a pipe or a device. */
export async function findModelJson(path: string): Promise<string> {
  const found = await statOf(path);
  if (!found.isDirectory()) return checkFile(path, found);
  const inside = join(path, 'model.json');
  return checkFile(inside, await statOf(inside));
}

function statOf(path: string): Promise<Stats> {
  return stat(path).catch((error) => {
    throw unreadable(path, error);
  });
}

/** Opening a pipe would wait for whoever writes to it. */
export function checkFile(path: string, found: Stats): string {
  if (!found.isFile()) throw corrupt(path, 'this is no regular file');
  return path;
}
