import { ConvforgeError } from '../errors.js';
import { isPlainObject, show } from '../options.js';

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Characters of text and values that a copy may take; a place that repeats an object counts again. */
const MAX_LENGTH = 2 ** 24;
const MAX_DEPTH = 100;

/**
 * A frozen copy of plain data. Throws INVALID_ARGUMENT, naming the place, for what JSON can't hold; TOO_LARGE beyond 16 MiB of text or
 * 100 levels.
 */
export function copyJson(value: unknown, place: string): Json {
  let length = 0;
  const count = (characters: number) => {
    length += characters;
    if (length > MAX_LENGTH) fail('TOO_LARGE', place, `has more than ${MAX_LENGTH} characters as JSON`);
  };
  const copy = (item: unknown, at: string, level: number): Json => {
    count(2);
    if (typeof item === 'string') count(item.length);
    if (item === null || typeof item === 'string' || typeof item === 'boolean') return item;
    if (typeof item === 'number' && Number.isFinite(item)) return item;
    if (level > MAX_DEPTH) fail('TOO_LARGE', place, `is nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(item)) {
      return Object.freeze(Array.from(item, (each, i) => copy(each, `${at}[${i}]`, level + 1)));
    }
    if (!isPlainObject(item)) {
      fail(
        'INVALID_ARGUMENT',
        at,
        `is ${show(item)}; it must be what JSON can hold: text, finite numbers, booleans, null, lists and plain objects`,
      );
    }
    const entries = Object.entries(item).map(([key, each]) => {
      count(key.length);
      return [key, copy(each, `${at}.${key}`, level + 1)] as const;
    });
    return Object.freeze(Object.fromEntries(entries));
  };
  return copy(value, place, 0);
}

function fail(code: 'INVALID_ARGUMENT' | 'TOO_LARGE', place: string, problem: string): never {
  throw new ConvforgeError(code, `${place} ${problem}.`);
}
