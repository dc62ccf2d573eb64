import { untilAborted } from '../aborts.js';
import { Dataset } from '../data/dataset.js';
import { ConvforgeError } from '../errors.js';
import { fitsShape } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import { isPlainObject, OptionChecks, show } from '../options.js';
import { type TensorLike, toTensor } from '../tensor/index.js';
import type { DatasetClassWeight } from './class-weights.js';
import {
  inputSources,
  type LabelledSource,
  labelledSource,
  type LoadedSamples,
  loadLabelledSamples,
} from './labelled-data.js';
import type { SampleWeight } from './sample-weights.js';

/** A labelled element of a dataset: a batch of samples [n, ...], their targets, and optional weights. */
export interface LabelledBatch {
  /** Samples [n, ...]. */
  xs: DataLike;
  /** Targets of the samples. */
  ys: DataLike;
  /** Weight of each sample, or of each of its rows, in the loss. Default 1. */
  sampleWeight?: SampleWeight;
}

/**
 * An element of a dataset to predict: samples [n, ...] as predict takes them, or an object with them as `xs`.
 */
export type UnlabelledBatch = DataLike | LabelledBatch | Pick<LabelledBatch, 'xs'>;

/** Reads sets of samples into the engine's memory, one after another. */
export interface SampleReader {
  /** ALL The next set, which the caller must dispose; undefined at the end. */
  next(): Promise<LoadedSamples | undefined>;
  /** Starts to read what next() will give. */
  readAhead(): void;
  close(): void;
}

export interface ReaderOptions {
  /** Whether elements hold samples only, without targets. Default false. */
  unlabelled?: boolean;
  classWeight?: DatasetClassWeight;
  signal?: AbortSignal;
}

/**
 * Reads one pass over a dataset into the engine's memory, one batch ahead of its use. An abort, or the
 * model's disposal, ends the wait for a dataset that never answers.
 */
export class BatchReader implements SampleReader {
  readonly #model: Model;
  readonly #elements: AsyncIterator<unknown>;
  #options: ReaderOptions;
  #next?: Promise<LoadedSamples | undefined>;
  #count = 0;
  #isClosed = false;

  constructor(model: Model, dataset: AsyncIterable<unknown>, pass: number, options: ReaderOptions) {
    this.#model = model;
    this.#elements = dataset instanceof Dataset ? dataset.pass(pass) : iterate(dataset);
    this.#options = options;
  }

  /** Drops the class weights, from the next batch on. */
  unweighted(): BatchReader {
    this.#options = { ...this.#options, classWeight: undefined };
    return this;
  }

  /** Starts to read what next() will give. */
  readAhead(): void {
    this.#next ??= this.#read();
    // next() rejects with this error; here it must not count as unhandled.
    this.#next.catch(() => undefined);
  }

  /** Passes over the first `count` batches. Rejects with INVALID_ARGUMENT if there are fewer. */
  async skip(count: number): Promise<void> {
    for (; this.#count < count; this.#count++) {
      if (!(await this.#nextElement()).done) continue;
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `resume: the dataset ended after ${this.#count} batches, and ${count} were taken of it before the checkpoint; give the same dataset, one that gives the same batches in each run.`,
      );
    }
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.peek()) === undefined;
  }

  /** The next batch, which `next` will give, too. */
  async peek(): Promise<LoadedSamples | undefined> {
    this.readAhead();
    return this.#next;
  }

  /** The next batch, which the caller must dispose; undefined at the end. */
  next(): Promise<LoadedSamples | undefined> {
    this.readAhead();
    const next = this.#next as Promise<LoadedSamples | undefined>;
    this.#next = undefined;
    return next;
  }

  /** Releases the dataset without waiting, as it may never answer. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const ignore = () => undefined;
    this.#next?.then((batch) => batch?.dispose(), ignore);
    Promise.resolve(this.#elements.return?.()).catch(ignore);
  }

  async #read(): Promise<LoadedSamples | undefined> {
    const result = await this.#nextElement();
    if (result.done) return undefined;
    const source = this.#check(result.value);
    return loadLabelledSamples(this.#model.state.engine, source, { signal: this.#options.signal });
  }

  async #nextElement(): Promise<IteratorResult<unknown>> {
    const { signal } = this.#options;
    const { disposal } = this.#model.state;
    const result: unknown = await untilAborted(this.#elements.next(), { signal, disposal });
    if (isResult(result)) return result;
    return new OptionChecks('the dataset').fail(
      'INVALID_ARGUMENT',
      `its iterator gave ${show(result)}; next() resolves to {value, done}.`,
    );
  }

  #check(element: unknown): LabelledSource {
    const what = `batch ${this.#count++} of the dataset`;
    const { unlabelled, classWeight } = this.#options;
    const { xs: x, ys: y, sampleWeight } = unlabelled ? samplesIn(element) : readElement(what, element);
    try {
      if (unlabelled) {
        const inputs = inputSources(this.#model, x, `xs in ${what}`);
        return { x: inputs, y: [], weights: [], count: inputs[0].count };
      }
      return labelledSource(this.#model, { x, y, sampleWeight, classWeight }, [
        `xs in ${what}`,
        `ys in ${what}`,
      ]);
    } catch (error) {
      if (error instanceof ConvforgeError && error.code === 'SHAPE_MISMATCH' && this.#isSingle(x)) {
        throw new ConvforgeError(
          'SHAPE_MISMATCH',
          `${what}: xs is a single sample; batch the dataset, for example dataset.batch(32).`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  #isSingle(x: DataLike): boolean {
    const { inputs } = this.#model.signature;
    const mayBe = x !== null && !isPlainObject(x) && inputs.length === 1;
    return mayBe && fitsShape(toTensor(x as TensorLike, 'xs').shape, inputs[0].shape);
  }
}

function readElement(what: string, element: unknown): LabelledBatch {
  const checks = new OptionChecks(what);
  if (element === null || typeof element !== 'object' || !('xs' in element) || !('ys' in element)) {
    return checks.fail(
      'INVALID_ARGUMENT',
      `it is ${show(element)}; give elements {xs, ys}, made by map or zip, and batched.`,
    );
  }
  checks.keys(element, LABELLED_KEYS);
  return element as LabelledBatch;
}

const LABELLED_KEYS = ['xs', 'ys', 'sampleWeight'];

/**
 * Takes `xs` from an object that has only keys of a labelled batch. Any other element is the samples itself:
 * a model's inputs may have any names.
 */
function samplesIn(element: unknown): LabelledBatch {
  const isBatch =
    isPlainObject(element) &&
    'xs' in element &&
    Object.keys(element).every((key) => LABELLED_KEYS.includes(key));
  return { xs: (isBatch ? element.xs : element) as DataLike, ys: [] };
}

function iterate(dataset: AsyncIterable<unknown>): AsyncIterator<unknown> {
  const iterator: unknown = dataset[Symbol.asyncIterator]();
  if (typeof (iterator as AsyncIterator<unknown> | null)?.next === 'function')
    return iterator as AsyncIterator<unknown>;
  return new OptionChecks('the dataset').fail(
    'INVALID_ARGUMENT',
    `its [Symbol.asyncIterator]() gave ${show(iterator)}, which has no next().`,
  );
}

function isResult(result: unknown): result is IteratorResult<unknown> {
  return result !== null && typeof result === 'object';
}
