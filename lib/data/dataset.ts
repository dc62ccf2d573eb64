import { classNameOf, INSPECT, type InspectArguments, inspected, join } from '../inspect.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed, nthSeed } from '../random/index.js';
import { withPauses } from './yield-to-event-loop.js';
import { type Batched, collate } from './collate.js';
import { classKey, drawFirstPart, firstCount, readSplit, type Split, type SplitOptions } from './split.js';
import { batchSpecOf, type Known } from './element-spec.js';
import {
  type Elements,
  every,
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
 * A sequence of elements that is read one by one: `for await (const element of dataset)`. Each loop is a pass
 * from the start. Methods return new datasets and read nothing yet; an error of a function given to them is
 * thrown when elements are read.
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** The number of elements: Infinity if they never end, null if only reading them would tell. */
  readonly size: number | null;
  readonly #read: (pass: number) => Elements<T>;
  #passes = 0;
  #known: Known = {};

  /**
   * @param read Returns the elements of a pass, numbered from 0. The same number must give the same elements
   * in the same order.
   */
  constructor(read: (pass: number) => AsyncGenerator<T, void, void>, size: number | null) {
    this.#read = read;
    this.size = size;
  }

  /**
   * What is known of the elements before any is read.
   *
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

  /** The elements of the pass with this number. The order of a shuffle depends on it. */
  pass(number: number): AsyncGenerator<T, void, void> {
    return this.#read(number);
  }

  /** The elements of the next pass. A shuffle has another order in each pass. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.pass(this.#passes++);
  }

  /** Equals `dataset[Symbol.asyncIterator]()`, under TF.js's name. */
  async iterator(): Promise<AsyncGenerator<T, void, void>> {
    return this[Symbol.asyncIterator]();
  }

  /** Applies `change`, which may be asynchronous, to each element. */
  map<U>(change: (element: T) => U | Promise<U>): Dataset<U> {
    checkFunction('map', change);
    return new Dataset((pass) => mapped(this.pass(pass), change), this.size);
  }

  /** Equals map, under TF.js's name. */
  mapAsync<U>(change: (element: T) => Promise<U>): Dataset<U> {
    return this.map(change);
  }

  /** Keeps the elements for which `holds`, which may be asynchronous, returns true. */
  filter(holds: (element: T) => boolean | Promise<boolean>): Dataset<T> {
    checkFunction('filter', holds);
    return new Dataset((pass) => filtered(this.pass(pass), holds), this.size === 0 ? 0 : null).knowing(
      this.#known,
    );
  }

  /**
   * Combines `batchSize` elements into one. Numbers, nested arrays, typed arrays and tensors become a tensor
   * [batchSize, ...]; strings become a list. Objects such as {xs, ys} and lists of tensors are batched value
   * by value.
   *
   * @param smallLastBatch Whether the elements left at the end make a smaller batch. Default true.
   * @throws SHAPE_MISMATCH (when read) if elements differ in shape, dtype or keys; INVALID_ARGUMENT if a
   * value is missing.
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
   * Shuffles the elements: each is drawn from a buffer of the next `bufferSize`. Only a buffer that holds all
   * elements shuffles uniformly.
   *
   * @param seed A whole number in [0, 2^53). Default: drawn from the global generator now, see setSeed.
   * @param reshuffleEachIteration Whether each pass (in fitDataset: each epoch) has another order. Default
   * true.
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
   * Reads up to `bufferSize` elements ahead while the consumer is busy. fitDataset already reads one batch
   * ahead; more helps if some elements take longer than others.
   */
  prefetch(bufferSize: number): Dataset<T> {
    checksOf('prefetch').whole('bufferSize', bufferSize, 1);
    return new Dataset((pass) => prefetched(this.pass(pass), bufferSize), this.size).knowing(this.#known);
  }

  /** Takes the first `count` elements; -1 takes all. Never reads beyond them. */
  take(count: number): Dataset<T> {
    const most = count === -1 ? Number.POSITIVE_INFINITY : checksOf('take').whole('count', count, 0);
    const size = most === 0 ? 0 : this.size === null ? null : Math.min(this.size, most);
    return new Dataset((pass) => taken(this.pass(pass), most), size).knowing(this.#known);
  }

  /** Skips the first `count` elements. */
  skip(count: number): Dataset<T> {
    checksOf('skip').whole('count', count, 0);
    const size = this.size === null ? null : Math.max(this.size - count, 0);
    return new Dataset((pass) => skipped(this.pass(pass), count), size).knowing(this.#known);
  }

  /**
   * Keeps every `count`-th element, from the one at `index` on: a part for each of `count` processes that share a
   * training. Shard before stages that take long, such as decoding, and before `batch`; a shuffle before it must
   * have the same seed in all processes.
   *
   * @param count The number of parts.
   * @param index The number of this part, from 0 to count - 1.
   */
  shard(count: number, index: number): Dataset<T> {
    const checks = checksOf('shard');
    checks.whole('count', count, 1);
    checks.number('index', index, (i) => Number.isInteger(i) && i >= 0 && i < count, `in [0, ${count})`);
    const size = this.size === null ? null : Math.max(0, Math.ceil((this.size - index) / count));
    return new Dataset((pass) => every(this.pass(pass), count, index), size).knowing(this.#known);
  }

  /** Repeats the passes `count` times; without end by default, or with -1. */
  repeat(count = -1): Dataset<T> {
    const rounds = count === -1 ? Number.POSITIVE_INFINITY : checksOf('repeat').whole('count', count, 0);
    const size = this.size === 0 || rounds === 0 ? 0 : this.size === null ? null : this.size * rounds;
    const first = (pass: number) => (rounds === Number.POSITIVE_INFINITY ? pass : pass * rounds);
    return new Dataset((pass) => repeated((round) => this.pass(first(pass) + round), rounds), size).knowing(
      this.#known,
    );
  }

  /**
   * Keeps all elements in memory once they are read to the end, and yields them from there in later passes.
   * The stages before it then run only once, so shuffle after it.
   */
  cache(): Dataset<T> {
    let kept: T[] | undefined;
    const read = async function* (elements: () => Elements<T>): Elements<T> {
      if (kept) {
        yield* withPauses(kept);
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
   * Splits the elements into two datasets, each element in one of them. The first gets a share of `fraction`,
   * drawn by the seed, the second the rest, in the order of this dataset.
   *
   * Both parts read the first pass of this dataset each time, so they never overlap, even if this one is
   * shuffled. Shuffle the parts, and split before `batch`. If the number of elements isn't known, or with
   * `stratify`, all elements are read once beforehand to count them.
   *
   * @param fraction The first part's share, between 0 and 1.
   * @throws INVALID_ARGUMENT, UNKNOWN_OPTION. Reading throws INVALID_ARGUMENT if elements have no class, or
   * if their number changes.
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
    const read = async function* (elements: () => Elements<T>, first: boolean): Elements<T> {
      const isFirst = await draw();
      yield* partOf(elements(), isFirst, first);
    };
    const first = this.size === null ? null : firstCount(this.size, fraction);
    const second = first === null ? null : (this.size as number) - first;
    const pass = () => this.pass(0);
    const part = (first: boolean, size: number | null) =>
      new Dataset(() => read(pass, first), size).knowing(this.#known);
    return [part(true, first), part(false, second)];
  }

  async #drawFirstPart({ fraction, seed, classOf }: Split<T>): Promise<readonly boolean[]> {
    if (!classOf && this.size !== null) return drawFirstPart(new Array(this.size).fill(''), fraction, seed);
    const classes: string[] = [];
    for await (const element of this.pass(0))
      classes.push(classOf ? classKey(classOf(element, classes.length)) : '');
    return drawFirstPart(classes, fraction, seed);
  }

  /** Appends the elements of `other`. */
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
   *
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

  /** Calls `visit` with each element in order, and awaits what it returns. */
  async forEachAsync(visit: (element: T) => unknown): Promise<void> {
    checkFunction('forEachAsync', visit);
    for await (const element of this) await visit(element);
  }

  /** Reads all elements. Rejects with INVALID_ARGUMENT if they never end. */
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
      `${show(value)} is not a function; give one that takes an element.`,
    );
}

function checkDataset(method: string, value: unknown): void {
  if (!(value instanceof Dataset))
    checksOf(method).fail(
      'INVALID_ARGUMENT',
      `${show(value)} is not a dataset; make one with data.array or data.generator.`,
    );
}
