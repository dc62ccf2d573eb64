import type { CallbackList } from '../callbacks/callback-list.js';
import type { Progress } from '../callbacks/display.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import type { LabelledSamples } from './labelled-data.js';
import { addTotals, toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite.js';

/** Told how far an epoch (from 0) is, some 60 times a second at most, with its seconds so far. */
export type ProgressListener = (epoch: number, progress: Progress, seconds: number) => void;

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 1000 / 60;

/** What all runs of a fit share. */
interface RunSettings {
  seed: number;
  signal?: AbortSignal;
}

/** The steps of a fit's epochs. */
export class EpochTrainer {
  readonly #model: Model;
  readonly #source: BatchSource;
  readonly #settings: RunSettings;
  readonly #callbacks: CallbackList;
  readonly #watch: NonFiniteWatch;
  readonly #listener: ProgressListener;

  constructor(
    model: Model,
    source: BatchSource,
    settings: RunSettings,
    callbacks: CallbackList,
    watch: NonFiniteWatch,
    listener: ProgressListener,
  ) {
    this.#model = model;
    this.#source = source;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#watch = watch;
    this.#listener = listener;
  }

  /** Totals of the epoch (from 0), or of its part before training was stopped. */
  async train(epoch: number): Promise<Totals> {
    const run: EpochRun = { epoch, started: performance.now(), reported: Number.NEGATIVE_INFINITY };
    for await (const part of this.#source.parts(epoch, this.#callbacks.wantsBatches)) {
      const goesOn = await (part.isBatch ? this.#trainBatch(run, part) : this.#trainPart(run, part));
      if (!goesOn) break;
    }
    return run.totals as Totals;
  }

  /** A batch, with callbacks before and after it. Whether training goes on. */
  async #trainBatch(run: EpochRun, part: TrainingPart): Promise<boolean> {
    const batch = run.totals?.batches ?? 0;
    const size = part.order.length;
    await this.#callbacks.batchBegin(batch, { batch, size });
    const totals = await this.#run(run, part, part.order);
    const goesOn = await this.#goesOn(run, part, part.order, totals);
    const now = performance.now();
    if (now - run.reported >= REPORT_INTERVAL) {
      run.reported = now;
      this.#report(run, run.totals as Totals);
    }
    await this.#callbacks.batchEnd(batch, { batch, size, ...toLogs(totals, this.#model.compiled) });
    return goesOn && !this.#model.stopTraining;
  }

  /** Many batches: one run of the program for all, two where a loss is no finite number. Whether training goes on. */
  async #trainPart(run: EpochRun, part: TrainingPart): Promise<boolean> {
    for (let order = part.order; order.length > 0; ) {
      const before = run.totals;
      const report = (totals: Totals) => this.#report(run, sumOf(before, totals));
      const totals = await this.#run(run, part, order, report);
      if (!(await this.#goesOn(run, part, order, totals))) return false;
      order = order.subarray(totals.samples);
    }
    return true;
  }

  /** Trains on samples of a part. Stops at the first loss of the fit that is no finite number. */
  async #run(
    run: EpochRun,
    part: TrainingPart,
    order: Uint32Array,
    onProgress?: (totals: Totals) => void,
  ): Promise<Totals> {
    const { seed, signal } = this.#settings;
    const { batchSize, samples } = part;
    const { x, y, sampleWeights } = samples;
    const { stops: stopAtNonFinite } = this.#watch;
    const settings = { x, y, sampleWeights, batchSize, seed, signal, order, stopAtNonFinite, onProgress };
    const training = this.#model.state.programToTrain(sampleShapes(x)).train(settings);
    part.readAhead?.();
    const totals = await training;
    run.totals = sumOf(run.totals, totals);
    return totals;
  }

  /** Whether training goes on after a run of these samples, with which the epoch now ends; tells of a loss that has stopped it. */
  async #goesOn(
    { epoch, totals: sum }: EpochRun,
    { samples, batchSize }: TrainingPart,
    order: Uint32Array,
    totals: Totals,
  ): Promise<boolean> {
    if (totals.firstNonFinite === undefined || !this.#watch.stops) return true;
    const batch = order.subarray(totals.firstNonFinite * batchSize, totals.samples);
    const step = (sum as Totals).batches - 1;
    return this.#watch.tell({ epoch, step, steps: this.#source.steps }, samples.source.x, batch);
  }

  #report({ epoch, started }: EpochRun, totals: Totals): void {
    const { samples, batches } = totals;
    const logs = toLogs(totals, this.#model.compiled);
    this.#listener(epoch, { samples, batches, logs }, (performance.now() - started) / 1000);
  }
}

/** An epoch that runs. */
interface EpochRun {
  readonly epoch: number;
  /** When it began, in milliseconds. */
  readonly started: number;
  /** When its progress was last reported. */
  reported: number;
  /** The totals so far. */
  totals?: Totals;
}

function sumOf(before: Totals | undefined, totals: Totals): Totals {
  return before ? addTotals(before, totals) : totals;
}

/** Samples that are trained on in one run of the program. */
export interface TrainingPart {
  samples: LabelledSamples;
  /** Those of them that are used, in this order. */
  order: Uint32Array;
  batchSize: number;
  /** Whether it is a single batch: callbacks are told of it, and may end the epoch behind it. */
  isBatch: boolean;
  /** Reads the next part. Called once a run of this one is under way. */
  readAhead?(): void;
}

/** Where the batches of a fit come from. */
export interface BatchSource {
  /** Training samples; null where nobody knows. */
  readonly samples: number | null;
  /** null where batches differ in size. */
  readonly batchSize: number | null;
  /** Batches in an epoch; null as long as nobody knows. */
  readonly steps: number | null;
  /** Opens it for an epoch, counted from 0. Resolves to false if there is no data for it. */
  begin(epoch: number): Promise<boolean>;
  /** The parts of the epoch, as single batches where `byBatch`. A part is valid until the next one is asked for. */
  parts(epoch: number, byBatch: boolean): Iterable<TrainingPart> | AsyncIterable<TrainingPart>;
  /** Ends an epoch. False if there is no data for another. */
  end(epoch: number): boolean;
  /** Lets the samples go. */
  close(): void;
}
