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
   * a frozen copy; to change it, set it again. Setting keeps the class names, unless `classNames` is among the
   * new data: `{ classNames: [] }` removes them. Default {}.
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
    const { classNames } = this;
    const isKept = classNames.length > 0 && !Object.hasOwn(metadata, 'classNames');
    this.#metadata = copyJson(isKept ? { ...metadata, classNames } : metadata, 'metadata') as Metadata;
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

/** A frozen copy, its number of characters as JSON, and how many objects and lists it nests. */
interface Copied {
  readonly json: Json;
  readonly length: number;
  readonly height: number;
}

/**
 * A deep-frozen copy of a JSON value. Throws INVALID_ARGUMENT, with the path, for anything JSON can't hold;
 * TOO_LARGE beyond 16 MiB of text or 100 levels.
 */
function copyJson(value: unknown, name: string): Json {
  // An object that occurs more than once is copied once: its occurrences may be too many to visit.
  const copies = new Map<object, Copied>();
  const keys: string[] = [];

  const copy = (item: unknown): Copied => {
    if (typeof item === 'string') return { json: item, length: item.length + 2, height: 0 };
    if (item === null || typeof item === 'boolean' || (typeof item === 'number' && Number.isFinite(item))) {
      return { json: item, length: 2, height: 0 };
    }
    if (!Array.isArray(item) && !isPlainObject(item)) {
      fail(
        'INVALID_ARGUMENT',
        name + keys.join(''),
        `is ${show(item)}; it must be what JSON can hold: text, finite numbers, booleans, null, lists and plain objects`,
      );
    }
    const known = copies.get(item);
    if (keys.length + (known?.height ?? 1) > MAX_DEPTH) {
      fail('TOO_LARGE', name, `is nested more than ${MAX_DEPTH} deep`);
    }
    if (known) return known;
    const copied = copyParts(item);
    copies.set(item, copied);
    return copied;
  };

  const copyParts = (item: readonly unknown[] | Record<string, unknown>): Copied => {
    let length = 2;
    let height = 0;
    const copyPart = (step: string, part: unknown): Json => {
      keys.push(step);
      const copied = copy(part);
      keys.pop();
      length += copied.length;
      height = Math.max(height, copied.height);
      if (length > MAX_LENGTH) fail('TOO_LARGE', name, `has more than ${MAX_LENGTH} characters as JSON`);
      return copied.json;
    };
    const json = Array.isArray(item)
      ? Array.from(item, (part, i) => copyPart(`[${i}]`, part))
      : Object.fromEntries(
          Object.entries(item).map(([key, part]) => {
            length += key.length;
            return [key, copyPart(`.${key}`, part)];
          }),
        );
    return { json: Object.freeze(json), length, height: height + 1 };
  };

  return copy(value).json;
}

function fail(code: 'INVALID_ARGUMENT' | 'TOO_LARGE', path: string, problem: string): never {
  throw new ConvforgeError(code, `${path} ${problem}.`);
}
