import { ConvforgeError, type ErrorCode } from './errors.js';
import { nearest } from './suggestions.js';

/** Checks the options of `subject`, a function or a layer, whose name starts every message. */
export class OptionChecks {
  constructor(
    readonly subject: string,
    /** The layer's name, if the subject is a layer. */
    readonly layer?: string,
  ) {}

  fail(code: ErrorCode, message: string): never {
    const options = this.layer === undefined ? {} : { layer: this.layer };
    throw new ConvforgeError(code, `${this.subject}: ${message}`, options);
  }

  /**
   * Throws INVALID_ARGUMENT unless `given` is an object, UNKNOWN_OPTION for the first key that isn't known.
   */
  keys(given: unknown, known: readonly string[]): void {
    if (given === null || typeof given !== 'object' || Array.isArray(given)) {
      this.fail('INVALID_ARGUMENT', `options must be an object, not ${show(given)}.`);
    }
    for (const key of Object.keys(given)) {
      if (!known.includes(key)) this.fail('UNKNOWN_OPTION', unknownName('option', key, known));
    }
  }

  /** Returns a whole number from `minimum` up. Throws INVALID_ARGUMENT for other values. */
  whole(name: string, value: unknown, minimum: number): number {
    if (!Number.isSafeInteger(value) || (value as number) < minimum) {
      this.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be a whole number from ${minimum} up.`,
      );
    }
    return value as number;
  }

  /** Returns a finite number for which `fits` is true. `range` describes the valid numbers. */
  number(name: string, value: unknown, fits: (value: number) => boolean, range: string): number {
    if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value)) {
      this.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; it must be ${range}.`);
    }
    return value;
  }

  boolean(name: string, value: unknown): boolean {
    if (typeof value !== 'boolean') {
      this.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; it must be true or false.`);
    }
    return value;
  }

  /** Throws INVALID_ARGUMENT unless the value is one of the list. */
  oneOf(name: string, value: unknown, list: readonly unknown[]): void {
    if (list.includes(value)) return;
    const names = list.map(show);
    const range = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
    this.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; it must be ${range}.`);
  }

  /** Reads one whole number from 1 up for both axes, or [height, width]. */
  pair(name: string, value: unknown): [number, number] {
    if (!Array.isArray(value)) value = [value, value];
    const pair = value as unknown[];
    if (pair.length !== 2) {
      this.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; give one number, or [height, width].`);
    }
    return [this.whole(name, pair[0], 1), this.whole(name, pair[1], 1)];
  }
}

/** Whether the value is an object literal, not an instance of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // The Object.prototype of another realm (see realms.ts).
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** "there is no option 'filtres'; did you mean 'filters'? ..." */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const hint = near === undefined ? '' : ` did you mean '${near}'?`;
  return `there is no ${kind} '${name}';${hint} Known: ${[...known].sort().join(', ')}.`;
}

/** A value for an error message, cut to a readable length and to four levels of nesting. */
export function show(value: unknown): string {
  return showNested(value, 4);
}

function showNested(value: unknown, levels: number): string {
  if (typeof value === 'string') return `'${cut(value)}'`;
  if (Array.isArray(value)) {
    if (levels === 0) return '[...]';
    const items = value.slice(0, 8).map((item) => showNested(item, levels - 1));
    return `[${cut(items.join(', '))}${value.length > 8 ? ', ...' : ''}]`;
  }
  if (typeof value === 'function') return value.name ? `the function ${cut(value.name)}` : 'a function';
  if (value !== null && typeof value === 'object') {
    return `an object of type ${value.constructor?.name ?? 'Object'}`;
  }
  return String(value);
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
