import { classNameOf, INSPECT, type InspectArguments, inspected, join } from '../inspect.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed, nthSeed } from '../random/index.js';
import { breathe } from './breathe.js';
import { type Batched, collate } from './collate.js';
import { classKey, drawFirstPart, firstCount, readSplit, type Split, type SplitOptions } from './split.js';
import { batchSpecOf, type Known } from './element-spec.js';
import {
  type Elements,
  filtered,
  grouped,
  mapped,
  partOf,
  prefetched,
  repeated,
  shuffled,
  skipped,
  taken,
} from './stages.js';

/**
 * Elements that are read one after another, from the start in each pass: `for await (const element of dataset)`. Its methods give new
 * datasets and read nothing yet. What the functions given to it throw comes out where the elements are read.
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** The number of elements; Infinity where they never end, null where only reading them would tell. */
  readonly size: number | null;
  readonly #read: (pass: number) => Elements<T>;
  #passes = 0;
  #known: Known = {};

  /** @param read The elements of a pass, numbered from 0; the same number gives the same elements in the same order. */
  constructor(read: (pass: number) => AsyncGenerator<T, void, void>, size: number | null) {
    this.#read = read;
    this.size = size;
  }

  /**
   * What is known of the elements before any is read.
   * @internal
   */
  get known(): Known {
    return this.#known;
  }

  /** @internal */
  knowing(known: Known): this {
    this.#known = known;
    return this;
  }

  /** The elements of the pass of this number: what shuffle makes of them depends on it. */
  pass(number: number): AsyncGenerator<T, void, void> {
    return this.#read(number);
  }

  /** The elements of the next pass: with shuffle, each has an order of its own. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.pass(this.#passes++);
  }

  /** The same as `dataset[Symbol.asyncIterator]()`, under TF.js's name. */
  async iterator(): Promise<AsyncGenerator<T, void, void>> {
    return this[Symbol.asyncIterator]();
  }

  /** What `change`, which may be asynchronous, makes of each element. */
  map<U>(change: (element: T) => U | Promise<U>): Dataset<U> {
    checkFunction('map', change);
    return new Dataset((pass) => mapped(this.pass(pass), change), this.size);
  }

  /** The same as map, under TF.js's name. */
  mapAsync<U>(change: (element: T) => Promise<U>): Dataset<U> {
    return this.map(change);
  }

  /** The elements for which `holds`, which may be asynchronous, gives true. */
  filter(holds: (element: T) => boolean | Promise<boolean>): Dataset<T> {
    checkFunction('filter', holds);
    return new Dataset((pass) => filtered(this.pass(pass), holds), this.size === 0 ? 0 : null).knowing(
      this.#known,
    );
  }

  /**
   * `batchSize` elements as one: numbers, nested arrays, typed arrays and tensors become a tensor [batchSize, ...], strings a list; of
   * objects, such as {xs, ys}, and of lists of tensors each value by itself.
   * @param smallLastBatch Whether elements that are left at the end make a smaller batch. Default true.
   * @throws (where it is read) SHAPE_MISMATCH if elements differ in shape, dtype or keys; INVALID_ARGUMENT if a value is missing.
   */
  batch(batchSize: number, smallLastBatch = true): Dataset<Batched<T>> {
    const checks = checksOf('batch');
    checks.whole('batchSize', batchSize, 1);
    checks.boolean('smallLastBatch', smallLastBatch);
    const round = smallLastBatch ? Math.ceil : Math.floor;
    const size = this.size === null ? null : round(this.size / batchSize);
    const read = async function* (groups: Elements<T[]>): Elements<Batched<T>> {
      let first = 0;
      for await (const group of groups) {
        yield collate(group, first);
        first += group.length;
      }
    };
    const { element } = this.#known;
    return new Dataset((pass) => read(grouped(this.pass(pass), batchSize, smallLastBatch)), size).knowing({
      batchSize,
      element: () => batchSpecOf(element?.()),
    });
  }

  /**
   * The elements in random order: each is drawn from a buffer of the next `bufferSize`, so for a fair shuffle it must hold all.
   * @param seed A whole number in [0, 2^53). Default: drawn from the global generator now, see setSeed.
   * @param reshuffleEachIteration Whether each pass has an order of its own (in fitDataset: each epoch). Default true.
   */
  shuffle(bufferSize: number, seed: number = nextSeed(), reshuffleEachIteration = true): Dataset<T> {
    const checks = checksOf('shuffle');
    checks.whole('bufferSize', bufferSize, 1);
    checks.whole('seed', seed, 0);
    checks.boolean('reshuffleEachIteration', reshuffleEachIteration);
    const seedOf = (pass: number) => nthSeed(seed, reshuffleEachIteration ? pass : 0);
    return new Dataset((pass) => shuffled(this.pass(pass), bufferSize, seedOf(pass)), this.size).knowing(
      this.#known,
    );
  }

  /**
   * Reads up to `bufferSize` elements ahead while whoever takes them is busy. fitDataset reads one batch ahead by itself; more help
   * where some take longer than others.
   */
  prefetch(bufferSize: number): Dataset<T> {
    checksOf('prefetch').whole('bufferSize', bufferSize, 1);
    return new Dataset((pass) => prefetched(this.pass(pass), bufferSize), this.size).knowing(this.#known);
  }

  /** The first `count` elements; -1 takes all. Nothing is read beyond them. */
  take(count: number): Dataset<T> {
    const most = count === -1 ? Number.POSITIVE_INFINITY : checksOf('take').whole('count', count, 0);
    const size = most === 0 ? 0 : this.size === null ? null : Math.min(this.size, most);
    return new Dataset((pass) => taken(this.pass(pass), most), size).knowing(this.#known);
  }

  /** The elements after the first `count`. */
  skip(count: number): Dataset<T> {
    checksOf('skip').whole('count', count, 0);
    const size = this.size === null ? null : Math.max(this.size - count, 0);
    return new Dataset((pass) => skipped(this.pass(pass), count), size).knowing(this.#known);
  }

  /** `count` passes, one after another; for ever by default, or with -1. */
  repeat(count = -1): Dataset<T> {
    const rounds = count === -1 ? Number.POSITIVE_INFINITY : checksOf('repeat').whole('count', count, 0);
    const size = this.size === 0 || rounds === 0 ? 0 : this.size === null ? null : this.size * rounds;
    const first = (pass: number) => (rounds === Number.POSITIVE_INFINITY ? pass : pass * rounds);
    return new Dataset((pass) => repeated((round) => this.pass(first(pass) + round), rounds), size).knowing(
      this.#known,
    );
  }

  /**
   * Keeps all elements in memory when they are first read to the end, and gives them from there in later passes. What comes before is
   * then done once only, so shuffle after it.
   */
  cache(): Dataset<T> {
    let kept: T[] | undefined;
    const read = async function* (elements: () => Elements<T>): Elements<T> {
      if (kept) {
        yield* breathe(kept);
        return;
      }
      const seen: T[] = [];
      for await (const element of elements()) {
        seen.push(element);
        yield element;
      }
      kept = seen;
    };
    return new Dataset((pass) => read(() => this.pass(pass)), this.size).knowing(this.#known);
  }

  /**
   * Two datasets that have each element once, in the order in which they are read here: the first has a share of `fraction`, drawn by
   * the seed, the second the rest. Both are read as they are needed, each time as the first pass of this one, so that they stay apart
   * where this one is shuffled; shuffle the parts. Before the first element, the elements are counted where their number isn't known, and
   * their classes with `stratify`, by reading them all once. Split before `batch`.
   * @param fraction Of the first part, between 0 and 1.
   * @throws INVALID_ARGUMENT, UNKNOWN_OPTION; where it is read INVALID_ARGUMENT if elements have no class, or their number changes.
   */
  split(fraction: number, options?: SplitOptions<T>): [Dataset<T>, Dataset<T>] {
    const split = readSplit(fraction, options);
    if (this.size === Number.POSITIVE_INFINITY)
      checksOf('split').fail('INVALID_ARGUMENT', 'the dataset never ends; take(count) elements of it.');
    let drawn: Promise<readonly boolean[]> | undefined;
    const draw = () => {
      drawn ??= this.#drawFirstPart(split);
      return drawn;
    };
    const read = async function* (elements: () => Elements<T>, wanted: boolean): Elements<T> {
      const isFirst = await draw();
      yield* partOf(elements(), isFirst, wanted);
    };
    const first = this.size === null ? null : firstCount(this.size, fraction);
    const second = first === null ? null : (this.size as number) - first;
    const pass = () => this.pass(0);
    const part = (wanted: boolean, size: number | null) =>
      new Dataset(() => read(pass, wanted), size).knowing(this.#known);
    return [part(true, first), part(false, second)];
  }

  async #drawFirstPart({ fraction, seed, classOf }: Split<T>): Promise<readonly boolean[]> {
    if (!classOf && this.size !== null) return drawFirstPart(new Array(this.size).fill(''), fraction, seed);
    const classes: string[] = [];
    for await (const element of this.pass(0))
      classes.push(classOf ? classKey(classOf(element, classes.length)) : '');
    return drawFirstPart(classes, fraction, seed);
  }

  /** These elements, then those of `other`. */
  concatenate(other: Dataset<T>): Dataset<T> {
    checkDataset('concatenate', other);
    const read = async function* (...parts: Elements<T>[]): Elements<T> {
      for (const part of parts) yield* part;
    };
    const size = this.size === null || other.size === null ? null : this.size + other.size;
    return new Dataset((pass) => read(this.pass(pass), other.pass(pass)), size);
  }

  /**
   * What is known before anything is read; undefined for what isn't.
   * @internal
   */
  protected get facts(): Record<string, unknown> {
    const { batchSize = null, element } = this.#known;
    return { size: this.size ?? undefined, batchSize, element: element?.() ?? null };
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, ({ facts }, look) => join(classNameOf(this), look.fields(facts)));
  }

  /** Calls `visit` with each element, one after another, and waits for what it returns. */
  async forEachAsync(visit: (element: T) => unknown): Promise<void> {
    checkFunction('forEachAsync', visit);
    for await (const element of this) await visit(element);
  }

  /** All elements. Rejects with INVALID_ARGUMENT if they are known never to end. */
  async toArray(): Promise<T[]> {
    if (this.size === Number.POSITIVE_INFINITY)
      checksOf('toArray').fail('INVALID_ARGUMENT', 'the dataset never ends; take(count) elements of it.');
    const all: T[] = [];
    for await (const element of this) all.push(element);
    return all;
  }
}

function checksOf(method: string): OptionChecks {
  return new OptionChecks(`dataset.${method}`);
}

function checkFunction(method: string, value: unknown): void {
  if (typeof value !== 'function')
    checksOf(method).fail(
      'INVALID_ARGUMENT',
      `${show(value)} is no function; give one that takes an element.`,
    );
}

function checkDataset(method: string, value: unknown): void {
  if (!(value instanceof Dataset))
    checksOf(method).fail(
      'INVALID_ARGUMENT',
      `${show(value)} is no dataset; make one with data.array or data.generator.`,
    );
}
