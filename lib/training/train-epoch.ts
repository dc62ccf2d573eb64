import type { CallbackList } from '../callbacks/callback-list.js';
import type { Progress } from '../callbacks/display.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import type { LabelledSamples } from './labelled-data.js';
import type { FitSettings } from './fit-options.js';
import { addTotals, toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite-watch.js';
import { epochOrder, partOfPasses } from './shuffle.js';

/** Told how far an epoch (from 0) is, some 60 times a second at most, with its seconds so far. */
export type ProgressListener = (epoch: number, progress: Progress, seconds: number) => void;

/** Milliseconds between two reports. */
export const REPORT_INTERVAL = 1000 / 60;

/** Samples of an epoch with stepsPerEpoch, of any number, that are put in order at a time, at least. */
const PART_SAMPLES = 2 ** 20;

/** The steps of a fit's epochs. */
export class EpochTrainer {
  readonly #model: Model;
  readonly #data: LabelledSamples;
  readonly #settings: FitSettings;
  readonly #callbacks: CallbackList;
  readonly #watch: NonFiniteWatch;
  readonly #listener: ProgressListener;

  constructor(
    model: Model,
    data: LabelledSamples,
    settings: FitSettings,
    callbacks: CallbackList,
    watch: NonFiniteWatch,
    listener: ProgressListener,
  ) {
    this.#model = model;
    this.#data = data;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#watch = watch;
    this.#listener = listener;
  }

  /** Batches in an epoch. */
  get steps(): number {
    const { stepsPerEpoch, batchSize } = this.#settings;
    return stepsPerEpoch ?? Math.ceil(this.#data.count / batchSize);
  }

  /** Totals of the epoch (from 0), or of its part before training was stopped. */
  async train(epoch: number): Promise<Totals> {
    const run: EpochRun = { epoch, started: performance.now(), reported: Number.NEGATIVE_INFINITY };
    for (const order of this.#orders(epoch)) {
      const goesOn = await (this.#callbacks.wantsBatches
        ? this.#trainBatches(run, order)
        : this.#trainWhole(run, order));
      if (!goesOn) break;
    }
    return run.totals as Totals;
  }

  /** One run of the program for all samples; two where a loss is no finite number. Whether training goes on. */
  async #trainWhole(run: EpochRun, order: Uint32Array): Promise<boolean> {
    const before = run.totals;
    const report = (totals: Totals) => this.#report(run, sumOf(before, totals));
    const totals = await this.#run(order, report);
    run.totals = sumOf(before, totals);
    if (!(await this.#goesOn(run, order, totals))) return false;
    const rest = order.subarray(totals.samples);
    return rest.length === 0 || this.#trainWhole(run, rest);
  }

  /** A run of the program for each batch, with callbacks in between. Whether training goes on. */
  async #trainBatches(run: EpochRun, order: Uint32Array): Promise<boolean> {
    const { batchSize } = this.#settings;
    const { compiled } = this.#model;
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = run.totals?.batches ?? 0;
      if (batch > 0 && this.#model.stopTraining) return false;
      const part = order.subarray(start, start + batchSize);
      await this.#callbacks.batchBegin(batch, { batch, size: part.length });
      const totals = await this.#run(part);
      run.totals = sumOf(run.totals, totals);
      const goesOn = await this.#goesOn(run, part, totals);
      const now = performance.now();
      if (now - run.reported >= REPORT_INTERVAL) {
        run.reported = now;
        this.#report(run, run.totals);
      }
      await this.#callbacks.batchEnd(batch, { batch, size: part.length, ...toLogs(totals, compiled) });
      if (!goesOn) return false;
    }
    return true;
  }

  /** Stops at the first loss of the fit that is no finite number. */
  #run(order: Uint32Array, onProgress?: (totals: Totals) => void): Promise<Totals> {
    const { batchSize, seed, signal } = this.#settings;
    const { x, y, sampleWeights } = this.#data;
    const { stops: stopAtNonFinite } = this.#watch;
    const run = { x, y, sampleWeights, batchSize, seed, signal, order, stopAtNonFinite, onProgress };
    return this.#model.state.programToTrain(sampleShapes(x)).train(run);
  }

  /** Whether training goes on after a run of these samples, with which the epoch now ends; tells of a loss that has stopped it. */
  async #goesOn({ epoch, totals: sum }: EpochRun, order: Uint32Array, totals: Totals): Promise<boolean> {
    if (totals.firstNonFinite === undefined || !this.#watch.stops) return true;
    const { batchSize } = this.#settings;
    const batch = order.subarray(totals.firstNonFinite * batchSize, totals.samples);
    const step = (sum as Totals).batches - 1;
    return this.#watch.tell({ epoch, step, steps: this.steps }, this.#data.source.x, batch);
  }

  #report({ epoch, started }: EpochRun, totals: Totals): void {
    const { samples, batches } = totals;
    const logs = toLogs(totals, this.#model.compiled);
    this.#listener(epoch, { samples, batches, logs }, (performance.now() - started) / 1000);
  }

  /** The samples of an epoch in their order, in parts of whole batches. */
  *#orders(epoch: number): Generator<Uint32Array, void, void> {
    const { seed, shuffle, stepsPerEpoch, batchSize } = this.#settings;
    const { count } = this.#data;
    if (stepsPerEpoch === undefined) {
      yield epochOrder(count, seed, epoch, shuffle);
      return;
    }
    const steps = Math.max(1, Math.floor(Math.max(count, PART_SAMPLES) / batchSize));
    for (let step = 0; step < stepsPerEpoch; step += steps) {
      const start = (epoch * stepsPerEpoch + step) * batchSize;
      const length = Math.min(steps, stepsPerEpoch - step) * batchSize;
      yield partOfPasses(count, seed, { start, length, shuffle });
    }
  }
}

/** Of an epoch that runs. */
interface EpochRun {
  readonly epoch: number;
  /** When it began, and when it was last reported of. */
  readonly started: number;
  reported: number;
  /** So far. */
  totals?: Totals;
}

function sumOf(before: Totals | undefined, totals: Totals): Totals {
  return before ? addTotals(before, totals) : totals;
}
