import type { CallbackList } from '../callbacks/callback-list.js';
import type { Progress } from '../callbacks/display.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Totals } from '../program/engine.js';
import type { LabelledSamples } from './fit-data.js';
import type { FitSettings } from './fit-options.js';
import { addTotals, toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite-watch.js';
import { epochOrder, epochPart } from './shuffle.js';

/** Told how far an epoch (from 0) is, some 60 times a second at most, with its seconds so far. */
export type ProgressListener = (epoch: number, progress: Progress, seconds: number) => void;

/** Milliseconds between two reports. */
export const REPORT_INTERVAL = 1000 / 60;

/** The steps of a fit's epochs. */
export class EpochTrainer {
  readonly #model: LayersModel;
  readonly #data: LabelledSamples;
  readonly #settings: FitSettings;
  readonly #callbacks: CallbackList;
  readonly #watch: NonFiniteWatch;
  readonly #report: ProgressListener;

  constructor(
    model: LayersModel,
    data: LabelledSamples,
    settings: FitSettings,
    callbacks: CallbackList,
    watch: NonFiniteWatch,
    report: ProgressListener,
  ) {
    this.#model = model;
    this.#data = data;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#watch = watch;
    this.#report = report;
  }

  /** Batches in an epoch. */
  get steps(): number {
    const { stepsPerEpoch, batchSize } = this.#settings;
    return stepsPerEpoch ?? Math.ceil(this.#data.count / batchSize);
  }

  /** Totals of the epoch (from 0), or of its part before training was stopped. */
  train(epoch: number): Promise<Totals> {
    const order = this.#order(epoch);
    return this.#callbacks.wantsBatches ? this.#trainBatches(epoch, order) : this.#trainWhole(epoch, order);
  }

  /** One run of the program for the whole epoch; two where a loss is no finite number. */
  async #trainWhole(epoch: number, order: Uint32Array): Promise<Totals> {
    const started = performance.now();
    const report = (totals: Totals) =>
      this.#report(epoch, this.#progress(totals), (performance.now() - started) / 1000);
    const totals = await this.#run(order, report);
    if (!(await this.#goesOn(epoch, totals.batches - 1, order, totals))) return totals;
    const rest = order.subarray(totals.samples);
    if (rest.length === 0) return totals;
    return addTotals(totals, await this.#run(rest, (more) => report(addTotals(totals, more))));
  }

  /** A run of the program for each batch, with callbacks in between. */
  async #trainBatches(epoch: number, order: Uint32Array): Promise<Totals> {
    const { batchSize } = this.#settings;
    const { compiled } = this.#model;
    const started = performance.now();
    let reported = Number.NEGATIVE_INFINITY;
    let sum: Totals | undefined;
    for (let batch = 0; batch < this.steps && !(batch > 0 && this.#model.stopTraining); batch++) {
      const part = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      await this.#callbacks.batchBegin(batch, { batch, size: part.length });
      const totals = await this.#run(part);
      sum = sum ? addTotals(sum, totals) : totals;
      const goesOn = await this.#goesOn(epoch, batch, part, totals);
      const now = performance.now();
      if (now - reported >= REPORT_INTERVAL) {
        reported = now;
        this.#report(epoch, this.#progress(sum), (now - started) / 1000);
      }
      await this.#callbacks.batchEnd(batch, { batch, size: part.length, ...toLogs(totals, compiled) });
      if (!goesOn) break;
    }
    return sum as Totals;
  }

  /** Stops at the first loss of the fit that is no finite number. */
  #run(order: Uint32Array, onProgress?: (totals: Totals) => void): Promise<Totals> {
    const { batchSize, seed, signal } = this.#settings;
    const { x, y, sampleWeights } = this.#data;
    const { stops: stopAtNonFinite } = this.#watch;
    const run = { x, y, sampleWeights, batchSize, seed, signal, order, stopAtNonFinite, onProgress };
    return this.#model.state.programToTrain.train(run);
  }

  /** Whether training goes on after a run of these samples, whose last one was this step; tells of a loss that has stopped it. */
  async #goesOn(epoch: number, step: number, order: Uint32Array, totals: Totals): Promise<boolean> {
    if (totals.firstNonFinite === undefined || !this.#watch.stops) return true;
    const { batchSize } = this.#settings;
    const batch = order.subarray(totals.firstNonFinite * batchSize, totals.samples);
    return this.#watch.tell({ epoch, step, steps: this.steps }, this.#data.source.x, batch);
  }

  #progress(totals: Totals): Progress {
    const { samples, batches } = totals;
    return { samples, batches, logs: toLogs(totals, this.#model.compiled) };
  }

  #order(epoch: number): Uint32Array {
    const { seed, shuffle, stepsPerEpoch, batchSize } = this.#settings;
    const { count } = this.#data;
    if (stepsPerEpoch === undefined) return epochOrder(count, seed, epoch, shuffle);
    return epochPart(count, seed, epoch, { length: stepsPerEpoch * batchSize, shuffle });
  }
}
