import { camelCase } from '../camel-case.js';
import { corrupt } from './failures.js';
import type { JsonObject } from './read-model-json.js';

/** Names stay as they are, whatever case they are in. */
const VERBATIM: ReadonlySet<string> = new Set(['name', 'className', 'class_name']);

/** Lists of layers' names and numbers stay too. */
const REFERENCES: ReadonlySet<string> = new Set([
  'inboundNodes',
  'inbound_nodes',
  'inputLayers',
  'input_layers',
  'outputLayers',
  'output_layers',
]);

/** What Python writes as one word, against its own rule: numpy does. */
const [KEEP_DIMS, KEEPDIMS] = ['keepDims', 'keepdims'];

/** Deeper than any model, which has 3 levels for each of the 32 models in it; a file that is meant to exhaust the stack is much deeper. */
const MAX_DEPTH = 128;

/** Plain data as TF.js and Keras write it: keys and enumerated values in snake_case. */
export function toPythonCase(value: JsonObject): JsonObject {
  return convert(value, (word) => (word === KEEP_DIMS ? KEEPDIMS : snakeWords(word))) as JsonObject;
}

/** Plain data with camelCase keys and values, from either case. Throws CORRUPT_FILE, naming `path`, if it is nested too deeply. */
export function fromPythonCase(path: string, value: JsonObject): JsonObject {
  if (!isShallow(value, MAX_DEPTH)) throw corrupt(path, `objects are nested more than ${MAX_DEPTH} deep`);
  return convert(value, (word) => (word === KEEPDIMS ? KEEP_DIMS : camelCase(word))) as JsonObject;
}

function isShallow(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}

function convert(value: unknown, rename: (word: string) => string): unknown {
  if (typeof value === 'string') return rename(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => convert(item, rename));
  const entries = Object.entries(value).map(([key, item]) => [
    rename(key),
    REFERENCES.has(key) || (VERBATIM.has(key) && typeof item === 'string') ? item : convert(item, rename),
  ]);
  return Object.fromEntries(entries);
}

/** kernelSize to kernel_size; digits belong to the word before them: beta1 stays. */
export function snakeWords(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
