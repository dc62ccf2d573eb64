import { open } from 'node:fs/promises';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { corrupt, otherKind, unreadable } from './failures.js';
import { GRAPH_MODEL, kindOfFile, kindOfJson, kindOfName, LAYERS_MODEL } from './file-kinds.js';

/** Maximum size of a model.json. It holds no weights: one of ten thousand layers takes 10 MiB. */
export const MAX_MEGABYTES = 64;

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What a model.json holds: layers, or TensorFlow's graph of operations. */
export type ModelFormat = 'layers-model' | 'graph-model';

const LAYERS: readonly ModelFormat[] = ['layers-model'];

/**
 * Reads a model.json of one of these formats. Rejects with IO_ERROR; UNSUPPORTED, with advice, for a file of another kind;
 * CORRUPT_FILE or TOO_LARGE.
 */
export async function readModelJson(path: string, formats = LAYERS): Promise<JsonObject> {
  return parseModelJson(path, await readText(path), formats);
}

/** Reads the text of a model.json. Throws as readModelJson rejects. */
export function parseModelJson(path: string, text: string, formats = LAYERS): JsonObject {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    const kind = kindOfName(path);
    if (kind) throw otherKind(path, kind);
    // The message may quote the file. Nothing but text may reach a terminal.
    const problem = (error as Error).message.replace(/[^ -~]+/g, '?');
    throw corrupt(path, `this is not valid JSON: ${problem}`, error);
  }
  return checkModelJson(path, json, formats);
}

/** Checks what a model.json must hold. Throws CORRUPT_FILE, or UNSUPPORTED for a file of another kind. */
export function checkModelJson(path: string, json: unknown, formats = LAYERS): JsonObject {
  if (!isObject(json)) throw corrupt(path, 'a model.json holds an object');
  const kind = kindOfJson(json);
  if (kind === GRAPH_MODEL && formats.includes('graph-model')) return json;
  if (kind) throw otherKind(path, kind);
  if (!formats.includes('layers-model')) throw otherKind(path, LAYERS_MODEL);
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

/** Python's literals for numbers that JSON lacks. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * Prefix of the string that replaces such a literal while text is parsed. A string in the file that looks the
 * same is read as that number.
 */
const MARK = '\u0001number ';

/** Maximum number of such literals. Models have a few; files made to exhaust memory have millions. */
const MAX_LITERALS = 100_000;

const [QUOTE, BACKSLASH] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)];

/** Matches, at lastIndex, a literal that is neither part of a longer word or number nor a key. */
const LITERAL = /(?<![\w.+-])(?:NaN|-?Infinity)(?![\w.]|\s*:)/y;

/**
 * Like JSON.parse, but accepts NaN, Infinity and -Infinity, as Python's json writes them. Throws what
 * JSON.parse throws, and SyntaxError for more than 100,000 of them.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const marked = markNumbers(text);
    // Without such literals, report the first error: it describes the text as written.
    if (marked === undefined) throw error;
    return parseMarked(marked);
  }
}

/** Like JSON.stringify, but marks non-finite numbers for `parseMarked`. `visit` is called for each value. */
export function stringifyMarked(data: unknown, visit: () => void): string {
  return JSON.stringify(data, (_key, value) => {
    visit();
    return typeof value === 'number' && !Number.isFinite(value) ? MARK + value : value;
  });
}

/** Like JSON.parse, for text that may have marked numbers. */
export function parseMarked(text: string): unknown {
  // JSON.stringify escapes the mark's first character.
  if (!text.includes(JSON.stringify(MARK).slice(1, -1))) return JSON.parse(text);
  return JSON.parse(text, (_key, value) =>
    typeof value === 'string' && value.startsWith(MARK)
      ? (NUMBERS.get(value.slice(MARK.length)) ?? value)
      : value,
  );
}

/** Replaces each literal outside strings by a marked string. undefined if there is none. */
function markNumbers(text: string): string | undefined {
  const parts: string[] = [];
  let start = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString && code === BACKSLASH) at++;
    if (inString || !mayBegin(code)) continue;
    LITERAL.lastIndex = at;
    const [literal] = LITERAL.exec(text) ?? [];
    if (literal === undefined) continue;
    if (parts.length >= 2 * MAX_LITERALS)
      throw new SyntaxError(`more than ${MAX_LITERALS} numbers are NaN or infinite`);
    parts.push(text.slice(start, at), JSON.stringify(MARK + literal));
    start = at + literal.length;
    at = start - 1;
  }
  return parts.length === 0 ? undefined : parts.join('') + text.slice(start);
}

const FIRST_LETTERS: ReadonlySet<number> = new Set(['N', 'I', '-'].map((letter) => letter.charCodeAt(0)));

function mayBegin(code: number): boolean {
  return FIRST_LETTERS.has(code);
}
