import { open } from 'node:fs/promises';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, otherKind, unreadable } from './failures.js';
import { kindOfFile, kindOfJson, kindOfName } from './file-kinds.js';
import { parseJson } from './parse-json.js';

/** model.json holds layers and names, no weights: a model of ten thousand layers has ten. */
export const MAX_MEGABYTES = 64;

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * The object in a model.json. Rejects with IO_ERROR; UNSUPPORTED, with what can be done, for a file of another kind; CORRUPT_FILE or
 * TOO_LARGE.
 */
export async function readModelJson(path: string): Promise<JsonObject> {
  const text = await readText(path);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    const kind = kindOfName(path);
    if (kind) throw otherKind(path, kind);
    // The message may quote the file, which must not write anything but text to a terminal.
    const problem = (error as Error).message.replace(/[^ -~]+/g, '?');
    throw corrupt(path, `this is no JSON: ${problem}`, error);
  }
  return checkModelJson(path, json);
}

/** What a model.json must hold. Throws CORRUPT_FILE, or UNSUPPORTED for what is of another kind. */
export function checkModelJson(path: string, json: unknown): JsonObject {
  if (!isObject(json)) throw corrupt(path, 'a model.json holds an object');
  const kind = kindOfJson(json);
  if (kind) throw otherKind(path, kind);
  if (json.format !== undefined && json.format !== null && json.format !== 'layers-model') {
    throw corrupt(path, `its format is ${show(json.format)}, not 'layers-model'`);
  }
  return json;
}

async function readText(path: string): Promise<string> {
  const file = await open(path).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const kind = await kindOfFile(file);
    if (kind) throw otherKind(path, kind);
    const { size } = await file.stat();
    if (size > MAX_MEGABYTES * 2 ** 20) {
      throw new ConvforgeError(
        'TOO_LARGE',
        `${path}: a model.json has at most ${MAX_MEGABYTES} MiB, and this has ${size} bytes.`,
      );
    }
    return await file.readFile('utf8');
  } catch (error) {
    throw error instanceof ConvforgeError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}
