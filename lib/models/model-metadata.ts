import { ConvforgeError } from '../errors.js';
import { isPlainObject, show } from '../options.js';
import { copyJson, type Json } from './plain-json.js';

/** Data of a model's owner: what JSON can hold, by names. */
export type Metadata = { readonly [name: string]: Json };

const NONE: Metadata = Object.freeze({});

/** The part of a model that says what it is for, and that nothing is computed from. It is saved and loaded with the model. */
export abstract class ModelMetadata {
  #metadata?: Metadata;

  /**
   * Free data about the model, such as how images are prepared for it: `model.metadata = { mean: 0.5, trainedOn: '2024-05-01' }`.
   * Files and handlers have it as TF.js's `userDefinedMetadata`. It is a frozen copy of what was set; to change it, set it anew. Default {}.
   */
  get metadata(): Metadata {
    return this.#metadata ?? NONE;
  }

  /** Throws INVALID_ARGUMENT for what JSON can't hold, TOO_LARGE for more than 16 MiB. */
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
   * What the classes are called, in the order of the model's outputs: `model.classNames[probabilities.argMax().dataSync()[0]]`. They are
   * `metadata.classNames`. Default [].
   */
  get classNames(): readonly string[] {
    const { classNames } = this.metadata;
    return isNames(classNames) ? classNames : [];
  }

  /** Throws INVALID_ARGUMENT for what is no list of strings. */
  set classNames(classNames: readonly string[]) {
    if (!isNames(classNames)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `classNames is ${show(classNames)}; it must be a list of strings.`,
      );
    }
    this.metadata = { ...this.metadata, classNames };
  }

  /** TF.js's way to read `model.metadata`: undefined where none was set. */
  getUserDefinedMetadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** TF.js's way to set `model.metadata`. Throws INVALID_ARGUMENT, TOO_LARGE. */
  setUserDefinedMetadata(metadata: object): void {
    this.metadata = metadata as Metadata;
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
