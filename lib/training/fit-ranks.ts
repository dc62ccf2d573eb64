import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Distribution } from '../distribute/index.js';
import { ConvforgeError } from '../errors.js';
import { type ArrayEntry, bytesPerElement, kindOf, newArray, pack, unpack } from '../io/packed-state.js';
import type { Model } from '../network/model.js';
import type { OptimizerState } from '../program/engine.js';
import type { SampleSource } from '../program/samples.js';
import type { LabelledSource } from './labelled-data.js';
import { inOrder } from './shuffle.js';

/** Number of samples whose values ranks compare before they train. */
const COMPARED_SAMPLES = 32;

/** Distributions of which a fit makes use. */
const taken = new WeakSet<Distribution>();

/** What a rank tells the others where they agree to go on. */
interface Word {
  stops: boolean;
  /** null if a schedule gives it. */
  learningRate: number | null;
}

/**
 * The ranks of a fit. They go through it in step: where one may stop, learn of an error or change the learning rate
 * by itself, all agree (`agree`). A rank that fails tells the others where they agree next, so nobody waits for it.
 *
 * Between these places, the core's trainings agree before each step.
 */
export class FitRanks {
  readonly #distribution: Distribution;
  readonly #model: Model;
  #stops = false;
  /** Whether all ranks know that the fit has failed. */
  #isOver = false;

  private constructor(distribution: Distribution, model: Model) {
    this.#distribution = distribution;
    this.#model = model;
  }

  /** The ranks of a fit; undefined if it is alone. Throws MODEL_BUSY if another fit of this process has them. */
  static of(distribution: Distribution | undefined, model: Model): FitRanks | undefined {
    if (!distribution || distribution.ranks === 1) return undefined;
    if (taken.has(distribution))
      throw new ConvforgeError('MODEL_BUSY', 'Another fit of this process has the ranks; await it first.');
    taken.add(distribution);
    return new FitRanks(distribution, model);
  }

  /** The core's operations with the other ranks. */
  get collective(): object {
    return this.#distribution.collective as object;
  }

  /** Whether this is rank 0, which prints, writes files and calls callbacks. */
  get isFirst(): boolean {
    return this.#distribution.rank === 0;
  }

  /** Whether this rank evaluates the set with this index. */
  owns(set: number): boolean {
    return set % this.#distribution.ranks === this.#distribution.rank;
  }

  /** Whether the ranks have agreed to end the fit. */
  get stops(): boolean {
    return this.#stops;
  }

  /** Meets the other ranks. Resolves to rank 0's seed. */
  async begin(ownSeed: number): Promise<number> {
    if (this.#model.state.engine.name !== 'native')
      throw new ConvforgeError(
        'UNSUPPORTED',
        'distribute needs the native engine; the reference engine is alone.',
      );
    const [{ seed }] = await this.#exchange({ seed: ownSeed });
    return seed;
  }

  /** Whether any rank has callbacks for batches. */
  async wantBatches(wants: boolean): Promise<boolean> {
    return (await this.#exchange({ wants })).some((word) => word.wants);
  }

  /**
   * Rejects with DISTRIBUTED, on all ranks, unless these facts and some of the training data are alike.
   */
  async check(facts: Readonly<Record<string, string>>, training?: LabelledSource): Promise<void> {
    const data = training && { 'the training data (a digest of some of it)': digestOf(training) };
    // A rank that has failed says so here. Its word would otherwise count as facts that differ.
    await this.#exchange({});
    await this.#guarded(() => this.#distribution.check({ ...facts, ...data }));
  }

  /** Gives all ranks the weights and the optimizer's state of rank 0. */
  async shareState(): Promise<void> {
    const { state } = this.#model;
    // All ranks, so that the broadcast has no error but its own.
    const { weights, optimizer } = await state.snapshot();
    const shared = await this.share(this.isFirst ? { weights, optimizer } : undefined);
    const first = shared as { weights: Float32Array[]; optimizer?: OptimizerState };
    if (!this.isFirst) await state.writeTrained(first.weights, first.optimizer);
  }

  /** Resolves to rank 0's value, of plain data and typed arrays. */
  async share(value: unknown): Promise<unknown> {
    const { json, arrays } = pack(value, 'the state');
    const entries = arrays.map((array): ArrayEntry => [kindOf(array) as ArrayEntry[0], array.length]);
    await this.agree();
    return this.#guarded(async () => {
      const header = await this.#distribution.broadcast(Buffer.from(JSON.stringify({ json, entries })));
      const first: { json: unknown; entries: ArrayEntry[] } = JSON.parse(Buffer.from(header).toString());
      const received = [];
      for (const [i, [kind, length]] of first.entries.entries()) {
        const own = this.isFirst ? arrays[i] : newArray(kind, length);
        const bytes = new Uint8Array(own.buffer, own.byteOffset, length * bytesPerElement(kind));
        const broadcast = await this.#distribution.broadcast(this.isFirst ? bytes : new Uint8Array(0));
        if (!this.isFirst) bytes.set(broadcast);
        received.push(own);
      }
      return unpack({ json: first.json, arrays: received });
    });
  }

  /**
   * Waits for all ranks to come here. Then all have rank 0's learning rate, and know whether any wants to stop.
   * Rejects with DISTRIBUTED if a rank has failed.
   */
  async agree(): Promise<void> {
    const { optimizer } = this.#model;
    const isNumber = typeof optimizer.describe().learningRate === 'number';
    const words = await this.#exchange<Word>({
      stops: this.#model.stopTraining,
      learningRate: isNumber ? optimizer.learningRate : null,
    });
    this.#stops = words.some(({ stops }) => stops);
    if (this.#stops) this.#model.stopTraining = true;
    const { learningRate } = words[0];
    if (isNumber && learningRate !== null && optimizer.learningRate !== learningRate)
      optimizer.learningRate = learningRate;
  }

  /** Resolves to what each rank gives, of plain data. Rejects with DISTRIBUTED if a rank has failed. */
  async gather<T>(own: T): Promise<T[]> {
    // A rank that has failed says so here.
    await this.#exchange({});
    const all = await this.#guarded(() => this.#distribution.gather(serialize(own)));
    return all.map((bytes) => deserialize(bytes) as T);
  }

  /** Waits for the core's training. If it fails, it fails on all ranks. */
  async trained<T>(training: Promise<T>): Promise<T> {
    return this.#guarded(() => training);
  }

  /** Tells the others of an error, unless they know. */
  async fail(error: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const failure = String((error as Error)?.message ?? error);
    await this.#distribution.gather(encoded({ failure })).catch(() => undefined);
  }

  /** Leaves the ranks to the next fit. */
  release(): void {
    taken.delete(this.#distribution);
  }

  async #exchange<T extends object>(own: T): Promise<T[]> {
    return this.#guarded(async () => {
      const all = await this.#distribution.gather(encoded(own));
      const words: (T & { failure?: string })[] = all.map((bytes) =>
        JSON.parse(Buffer.from(bytes).toString()),
      );
      const failed = words.findIndex(({ failure }) => failure !== undefined);
      if (failed < 0) return words;
      const message = `Rank ${failed} has ended the fit: ${words[failed].failure}`;
      throw new ConvforgeError('DISTRIBUTED', message);
    });
  }

  /** Runs what fails on all ranks or on none. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}

function encoded(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** A digest of some samples, spread over all. */
function digestOf({ x, y, weights, count }: LabelledSource): string {
  const number = Math.min(count, COMPARED_SAMPLES);
  const picked = inOrder(number).map((i) => Math.floor((i * count) / number));
  const hash = createHash('sha256');
  const add = (source: SampleSource) => {
    const samples = source.pick(picked);
    const values = samples.read(0, samples.size);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  for (const source of [...x, ...y, ...weights]) add(source);
  return hash.digest('hex').slice(0, 16);
}
