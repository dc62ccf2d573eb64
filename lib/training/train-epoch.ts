import type { CallbackList } from '../callbacks/callback-list.js';
import type { Progress } from '../callbacks/display.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import type { LabelledSamples } from './labelled-data.js';
import { addTotals, toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite.js';

/**
 * Receives the progress of an epoch (from 0), at most about 60 times a second, with the seconds since it
 * began.
 */
export type ProgressListener = (epoch: number, progress: Progress, seconds: number) => void;

/** Minimum time between two reports, in milliseconds. */
const REPORT_INTERVAL = 1000 / 60;

/** Settings that all runs of a fit share. */
interface RunSettings {
  seed: number;
  rematerialize: boolean;
  signal?: AbortSignal;
}

/** Runs the training steps of a fit's epochs. */
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

  /** Trains one epoch (from 0). Resolves to its totals, or to those of the steps before training stopped. */
  async train(epoch: number): Promise<Totals> {
    const run: EpochRun = { epoch, started: performance.now(), reported: Number.NEGATIVE_INFINITY };
    for await (const part of this.#source.parts(epoch, this.#callbacks.wantsBatches)) {
      const continues = await (part.isBatch ? this.#trainBatch(run, part) : this.#trainPart(run, part));
      if (!continues) break;
    }
    return run.totals as Totals;
  }

  /** Trains one batch, with callbacks before and after it. Resolves to whether training continues. */
  async #trainBatch(run: EpochRun, part: TrainingPart): Promise<boolean> {
    const batch = run.totals?.batches ?? 0;
    const size = part.order.length;
    await this.#callbacks.batchBegin(batch, { batch, size });
    const totals = await this.#run(run, part, part.order);
    const continues = await this.#continues(run, part, part.order, totals);
    const now = performance.now();
    if (now - run.reported >= REPORT_INTERVAL) {
      run.reported = now;
      this.#report(run, run.totals as Totals);
    }
    await this.#callbacks.batchEnd(batch, { batch, size, ...toLogs(totals, this.#model.compiled) });
    return continues && !this.#model.stopTraining;
  }

  /**
   * Trains many batches in one run of the program; a non-finite loss splits it in two. Resolves to whether
   * training continues.
   */
  async #trainPart(run: EpochRun, part: TrainingPart): Promise<boolean> {
    for (let order = part.order; order.length > 0; ) {
      const before = run.totals;
      const report = (totals: Totals) => this.#report(run, sumOf(before, totals));
      const totals = await this.#run(run, part, order, report);
      if (!(await this.#continues(run, part, order, totals))) return false;
      order = order.subarray(totals.samples);
    }
    return true;
  }

  /** Trains on the samples of `order`. Stops at the fit's first non-finite loss. */
  async #run(
    run: EpochRun,
    part: TrainingPart,
    order: Uint32Array,
    onProgress?: (totals: Totals) => void,
  ): Promise<Totals> {
    const { seed, rematerialize, signal } = this.#settings;
    const { batchSize, samples } = part;
    const { x, y, sampleWeights } = samples;
    const { stopsAtFirst: stopAtNonFinite } = this.#watch;
    const settings = { batchSize, seed, rematerialize, signal, order, stopAtNonFinite, onProgress };
    const training = this.#model.state
      .programToTrain(sampleShapes(x))
      .train({ x, y, sampleWeights, ...settings });
    part.readAhead?.();
    const totals = await training;
    run.totals = sumOf(run.totals, totals);
    return totals;
  }

  /**
   * Reports a non-finite loss that stopped the run of these samples, the latest of the epoch. Resolves to
   * whether training continues.
   */
  async #continues(
    { epoch, totals: sum }: EpochRun,
    { samples, batchSize }: TrainingPart,
    order: Uint32Array,
    totals: Totals,
  ): Promise<boolean> {
    if (totals.firstNonFinite === undefined || !this.#watch.stopsAtFirst) return true;
    const batch = order.subarray(totals.firstNonFinite * batchSize, totals.samples);
    const step = (sum as Totals).batches - 1;
    return this.#watch.reportStop({ epoch, step, steps: this.#source.steps }, samples.source.x, batch);
  }

  #report({ epoch, started }: EpochRun, totals: Totals): void {
    const { samples, batches } = totals;
    const logs = toLogs(totals, this.#model.compiled);
    this.#listener(epoch, { samples, batches, logs }, (performance.now() - started) / 1000);
  }
}

/** State of the running epoch. */
interface EpochRun {
  readonly epoch: number;
  /** Start time, in milliseconds. */
  readonly started: number;
  /** Time of the last progress report, in milliseconds. */
  reported: number;
  /** Sum of the totals of the runs so far. */
  totals?: Totals;
}

function sumOf(before: Totals | undefined, totals: Totals): Totals {
  return before ? addTotals(before, totals) : totals;
}

/** Samples to train on in one run of the program. */
export interface TrainingPart {
  samples: LabelledSamples;
  /** Indices of the samples to use, in training order. */
  order: Uint32Array;
  batchSize: number;
  /** Whether the part is a single batch. Callbacks then see it, and may end the epoch after it. */
  isBatch: boolean;
  /** Starts to read the next part. Called once a run of this one is under way. */
  readAhead?(): void;
}

/** Where the batches of a fit come from. */
export interface BatchSource {
  /** Number of training samples; null if unknown. */
  readonly samples: number | null;
  /** Null if batches may differ in size. */
  readonly batchSize: number | null;
  /** Number of batches in an epoch; null while unknown. */
  readonly steps: number | null;
  /** Prepares an epoch (from 0). Resolves to false if there is no data for it. */
  begin(epoch: number): Promise<boolean>;
  /** The parts of the epoch; single batches if `byBatch`. A part is valid until the next one is requested. */
  parts(epoch: number, byBatch: boolean): Iterable<TrainingPart> | AsyncIterable<TrainingPart>;
  /** Ends an epoch. Returns false if there is no data for another. */
  end(epoch: number): boolean;
  /** Releases the samples. */
  close(): void;
}
