import { camelCase } from '../camel-case.js';
import { corrupt } from './failures.js';
import type { JsonObject } from './read-model-json.js';

/** Keys whose string values are names and keep their case. */
const VERBATIM: ReadonlySet<string> = new Set(['name', 'className', 'class_name']);

/** Keys of references to layers, which keep their case. */
const REFERENCES: ReadonlySet<string> = new Set([
  'inboundNodes',
  'inbound_nodes',
  'inputLayers',
  'input_layers',
  'outputLayers',
  'output_layers',
]);

/** numpy's option, which Python writes as one word against its own rule. */
const [KEEP_DIMS, KEEPDIMS] = ['keepDims', 'keepdims'];

/**
 * Maximum depth of objects. The 32 levels of nested models take 3 objects each; files made to exhaust the
 * stack are much deeper.
 */
const MAX_DEPTH = 128;

/** Converts keys and enumerated values to snake_case, as TF.js and Keras write them. */
export function toPythonCase(value: JsonObject): JsonObject {
  return convert(value, (word) => (word === KEEP_DIMS ? KEEPDIMS : snakeWords(word))) as JsonObject;
}

/**
 * Converts keys and values from either case to camelCase. Throws CORRUPT_FILE, naming `path`, for objects
 * that are nested too deeply.
 */
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

/** Converts kernelSize to kernel_size. Digits belong to the word before them: beta1 stays. */
export function snakeWords(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
