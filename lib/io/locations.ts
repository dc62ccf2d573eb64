import type { Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, unreadable, unsupported } from './failures.js';
import { type FileKind, kindOfFile, unwrittenFormat } from './file-kinds.js';

/**
 * The path in 'file://out', 'file:///home/me/out' or a plain path. The text after 'file://' is taken
 * verbatim, as in TF.js.
 * @throws INVALID_ARGUMENT unless it is a string, UNSUPPORTED for another scheme.
 */
export function readLocation(location: unknown, what: string): string {
  if (typeof location !== 'string' || location === '' || location === 'file://') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}: ${show(location)} is not a location; give a path, or a URL such as 'file://./model'.`,
    );
  }
  if (location.startsWith('file://')) return location.slice('file://'.length);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${what}: ${show(location)} can't be used; models are in files ('file://./model', or a plain path), and loadModel also takes http(s) URLs. To load what you fetched, give io.fromMemory(artifacts); to send what is saved, io.withSaveHandler(save).`,
    );
  }
  return location;
}

/** Throws UNSUPPORTED if the name of a folder to save to asks for another format. */
export function checkFormat(folder: string, what: string): void {
  const format = unwrittenFormat(folder);
  if (format === undefined) return;
  throw unsupported(
    what,
    `${show(folder)} asks for ${format}, which isn't written yet; give a folder, such as ${show(folder.replace(/\.[^.]+$/, ''))}, for a model.json and its weights`,
  );
}

/**
 * Checks a folder to save to. Rejects with UNSUPPORTED as checkFormat does; with IO_ERROR if it is a file.
 */
export async function checkFolder(folder: string): Promise<void> {
  checkFormat(folder, 'save');
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory()) {
    throw new ConvforgeError(
      'IO_ERROR',
      `save: ${show(folder)} is a file; give the folder for model.json and its weights.`,
    );
  }
}

/** Checks a file to save to. Rejects with IO_ERROR if it is a folder or a device. */
export async function checkTargetFile(path: string, what: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isFile()) return;
  throw new ConvforgeError('IO_ERROR', `${what}: ${show(path)} is no regular file; give the path of a file.`);
}

/**
 * Finds model.json by its own path or by its folder's. Rejects with IO_ERROR if it is missing, CORRUPT_FILE
 * for a pipe or a device.
 */
export async function findModelJson(path: string): Promise<string> {
  const found = await statOf(path);
  if (!found.isDirectory()) return checkFile(path, found);
  const inside = join(path, 'model.json');
  const inFolder = await statOf(inside).catch(async (error: ConvforgeError) => {
    const isMissing = (error.cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw (isMissing && (await otherModelIn(path))) || error;
  });
  return checkFile(inside, inFolder);
}

/** Maximum number of a folder's files to examine. */
const MAX_MEMBERS = 200;

/** Error for a folder without model.json in which another file may be the intended one. */
async function otherModelIn(folder: string): Promise<ConvforgeError | undefined> {
  const members = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = members
    .filter((member) => member.isFile())
    .map(({ name }) => name)
    .sort()
    .slice(0, MAX_MEMBERS);
  for (const name of files) {
    const kind = await kindOfPath(join(folder, name));
    if (kind?.isModel) {
      const problem = `there is no model.json in this folder; ${name} is ${kind.what}: ${kind.advice}`;
      return unsupported(folder, problem);
    }
  }
  const jsons = files.filter((name) => name.endsWith('.json'));
  if (jsons.length === 0) return undefined;
  return new ConvforgeError(
    'IO_ERROR',
    `${folder}: there is no model.json in this folder; if ${jsons.slice(0, 3).join(' or ')} is one, give its path.`,
  );
}

async function kindOfPath(path: string): Promise<FileKind | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    return file && (await kindOfFile(file));
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

function statOf(path: string): Promise<Stats> {
  return stat(path).catch((error) => {
    throw unreadable(path, error);
  });
}

/** Throws CORRUPT_FILE unless it is a regular file. Opening a pipe would wait for its writer. */
export function checkFile(path: string, found: Stats): string {
  if (!found.isFile()) throw corrupt(path, 'this is not a regular file');
  return path;
}
