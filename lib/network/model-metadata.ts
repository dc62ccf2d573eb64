import { ConvforgeError } from '../errors.js';
import { isPlainObject, show } from '../options.js';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Your own data about a model: JSON values by name. */
export type Metadata = { readonly [name: string]: Json };

const NONE: Metadata = Object.freeze({});

/**
 * The part of a model that describes its purpose. It is saved and loaded with the model, and has no effect on
 * computations.
 */
export abstract class ModelMetadata {
  #metadata?: Metadata;

  /**
   * Your own data about the model, such as how to prepare images for it: `model.metadata = { mean: 0.5,
   * trainedOn: '2024-05-01' }`. Files and handlers store it as TF.js's `userDefinedMetadata`. Reading returns
   * a frozen copy; to change it, set it again. Default {}.
   */
  get metadata(): Metadata {
    return this.#metadata ?? NONE;
  }

  /** Throws INVALID_ARGUMENT for anything JSON can't hold, TOO_LARGE for more than 16 MiB. */
  set metadata(metadata: Metadata) {
    if (!isPlainObject(metadata)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `metadata is ${show(metadata)}; it must be a plain object.`,
      );
    }
    this.#metadata = copyJson(metadata, 'metadata') as Metadata;
  }

  /**
   * Names of the classes, in the order of the model's outputs:
   * `model.classNames[probabilities.argMax().dataSync()[0]]`. Stored as `metadata.classNames`. Default [].
   */
  get classNames(): readonly string[] {
    const { classNames } = this.metadata;
    return isNames(classNames) ? classNames : [];
  }

  /** Throws INVALID_ARGUMENT unless set to a list of strings. */
  set classNames(classNames: readonly string[]) {
    if (!isNames(classNames)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `classNames is ${show(classNames)}; it must be a list of strings.`,
      );
    }
    this.metadata = { ...this.metadata, classNames };
  }

  /** `model.metadata` under TF.js's name; undefined if none was set. */
  getUserDefinedMetadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** Sets `model.metadata`, under TF.js's name. Throws INVALID_ARGUMENT, TOO_LARGE. */
  setUserDefinedMetadata(metadata: object): void {
    this.metadata = metadata as Metadata;
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Maximum number of characters of a copy. An object that occurs twice counts twice. */
const MAX_LENGTH = 2 ** 24;
const MAX_DEPTH = 100;

/**
 * A deep-frozen copy of a JSON value. Throws INVALID_ARGUMENT, with the path, for anything JSON can't hold;
 * TOO_LARGE beyond 16 MiB of text or 100 levels.
 */
function copyJson(value: unknown, path: string): Json {
  let length = 0;
  const count = (characters: number) => {
    length += characters;
    if (length > MAX_LENGTH) fail('TOO_LARGE', path, `has more than ${MAX_LENGTH} characters as JSON`);
  };
  const copy = (item: unknown, at: string, level: number): Json => {
    count(2);
    if (typeof item === 'string') count(item.length);
    if (item === null || typeof item === 'string' || typeof item === 'boolean') return item;
    if (typeof item === 'number' && Number.isFinite(item)) return item;
    if (level > MAX_DEPTH) fail('TOO_LARGE', path, `is nested more than ${MAX_DEPTH} deep`);
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
  return copy(value, path, 0);
}

function fail(code: 'INVALID_ARGUMENT' | 'TOO_LARGE', path: string, problem: string): never {
  throw new ConvforgeError(code, `${path} ${problem}.`);
}
