import { throwIfAborted } from '../aborts.js';
import type { CallbackList } from '../callbacks/callback-list.js';
import type { Progress } from '../callbacks/display.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import type { LabelledSource, LabelledSamples } from './labelled-data.js';
import { addTotals, toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite.js';

/**
 * Receives the progress of an epoch (from 0), at most about 60 times a second, with the seconds since it
 * began.
 */
export type ProgressListener = (epoch: number, progress: Progress, seconds: number) => void;

/** Minimum time between two reports, in milliseconds. */
const REPORT_INTERVAL = 1000 / 60;

/** Divides an epoch's steps into runs of the program, with pauses between them. */
export interface Pauses {
  /** Maximum number of steps of the next run. */
  readonly maxSteps: number;
  /** Called after a run of `steps` steps in so many milliseconds. No step runs until it resolves. */
  afterRun(epoch: number, totals: Totals, steps: number, milliseconds: number): Promise<void>;
}

/** Settings that all runs of a fit share. */
interface RunSettings {
  seed: number;
  rematerialize: boolean;
  shards: number;
  signal?: AbortSignal;
  ranks?: TrainingRanks;
}

/** The processes that share the steps of a fit. */
interface TrainingRanks {
  readonly collective: object;
  /** Waits for all to come here. */
  agree(): Promise<void>;
  /** Waits for a training that fails on all or on none. */
  trained<T>(training: Promise<T>): Promise<T>;
}

/** Runs the training steps of a fit's epochs. */
export class EpochTrainer {
  readonly #model: Model;
  readonly #source: BatchSource;
  readonly #settings: RunSettings;
  readonly #callbacks: CallbackList;
  readonly #watch: NonFiniteWatch;
  readonly #listener: ProgressListener;
  readonly #pauses?: Pauses;

  constructor(
    model: Model,
    source: BatchSource,
    settings: RunSettings,
    callbacks: CallbackList,
    watch: NonFiniteWatch,
    listener: ProgressListener,
    pauses?: Pauses,
  ) {
    this.#model = model;
    this.#source = source;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#watch = watch;
    this.#listener = listener;
    this.#pauses = pauses;
  }

  /**
   * Trains one epoch (from 0), or what is left of it after the steps of `done`. Resolves to the epoch's totals,
   * or to those of the steps before training stopped.
   */
  async train(epoch: number, done?: Totals): Promise<Totals> {
    const started = performance.now();
    const run: EpochRun = { epoch, started, reported: Number.NEGATIVE_INFINITY, totals: done };
    for await (const part of this.#source.parts(epoch, this.#callbacks.wantsBatches, done?.batches ?? 0)) {
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
    const started = performance.now();
    const totals = await this.#run(part, part.order);
    run.totals = run.totals ? addTotals(run.totals, totals) : totals;
    const continues = await this.#continues(run, part, part.order, totals.firstNonFinite);
    const now = performance.now();
    if (now - run.reported >= REPORT_INTERVAL) {
      run.reported = now;
      this.#report(run, run.totals as Totals);
    }
    await this.#callbacks.batchEnd(batch, { batch, size, ...toLogs(totals, this.#model.compiled) });
    if (continues) await this.#pauses?.afterRun(run.epoch, run.totals, 1, now - started);
    return continues && !this.#callbacks.stopsTraining;
  }

  /**
   * Trains many batches in one run of the program; pauses and a non-finite loss split it. Resolves to whether
   * training continues.
   */
  async #trainPart(run: EpochRun, part: TrainingPart): Promise<boolean> {
    const report = (totals: Totals) => this.#report(run, totals);
    for (let left = part.order; left.length > 0; ) {
      const started = performance.now();
      const before = run.totals;
      const order = left.subarray(0, (this.#pauses?.maxSteps ?? Number.POSITIVE_INFINITY) * part.batchSize);
      const totals = await this.#run(part, order, before, report);
      run.totals = totals;
      const { samples, batches } = before ?? { samples: 0, batches: 0 };
      const { firstNonFinite } = totals;
      const stop = firstNonFinite === undefined ? undefined : firstNonFinite - batches;
      if (!(await this.#continues(run, part, order, stop))) return false;
      left = left.subarray(totals.samples - samples);
      if (!this.#pauses) continue;
      await this.#pauses.afterRun(run.epoch, totals, totals.batches - batches, performance.now() - started);
      await this.#settings.ranks?.agree();
      if (this.#callbacks.stopsTraining) return false;
    }
    return true;
  }

  /**
   * Trains on the samples of `order`. Stops at the fit's first non-finite loss. Resolves to the totals, added
   * to those of `before`.
   */
  async #run(
    part: TrainingPart,
    order: Uint32Array,
    before?: Totals,
    onProgress?: (totals: Totals) => void,
  ): Promise<Totals> {
    const { seed, rematerialize, shards, signal, ranks } = this.#settings;
    const { batchSize, samples } = part;
    const { x, y, sampleWeights } = samples;
    const { stopsAtFirst: stopAtNonFinite } = this.#watch;
    const settings = {
      batchSize,
      seed,
      rematerialize,
      shards,
      signal,
      order,
      stopAtNonFinite,
      totals: before,
      onProgress,
    };
    const program = this.#model.state.programToTrain(sampleShapes(x));
    if (ranks) {
      throwIfAborted(signal);
      await ranks.agree();
    }
    const training = program.train({ x, y, sampleWeights, ...settings, collective: ranks?.collective });
    part.readAhead?.();
    return ranks ? ranks.trained(training) : training;
  }

  /**
   * Reports a non-finite loss that stopped the run of these samples, the latest of the epoch, at its batch
   * `stop`. Resolves to whether training continues.
   */
  async #continues(
    { epoch, totals: sum }: EpochRun,
    { samples, batchSize }: TrainingPart,
    order: Uint32Array,
    stop: number | undefined,
  ): Promise<boolean> {
    if (stop === undefined || !this.#watch.stopsAtFirst) return true;
    const batch = order.subarray(stop * batchSize, (stop + 1) * batchSize);
    const step = (sum as Totals).batches - 1;
    return this.#watch.reportStop({ epoch, step, steps: this.#source.steps }, samples.source.x, batch);
  }

  #report({ epoch, started }: EpochRun, totals: Totals): void {
    const { samples, batches } = totals;
    const logs = toLogs(totals, this.#model.compiled);
    this.#listener(epoch, { samples, batches, logs }, (performance.now() - started) / 1000);
  }
}

/** The place in a dataset: the number of a pass, and of its batches that were taken. */
export interface DatasetPlace {
  pass: number;
  batches: number;
}

/** State of the running epoch. */
interface EpochRun {
  readonly epoch: number;
  /** Start time, in milliseconds. */
  readonly started: number;
  /** Time of the last progress report, in milliseconds. */
  reported: number;
  /** Totals of the runs so far. */
  totals?: Totals;
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
  /**
   * Prepares an epoch (from 0), or what is left of one that resumes. Resolves to false if there is no data for
   * it.
   */
  begin(epoch: number, resumes: boolean): Promise<boolean>;
  /** The batch that comes next in an epoch that has begun; undefined at its end. Only of a dataset. */
  peek?(): Promise<LabelledSource | undefined>;
  /**
   * The parts of the epoch, without its first `done` batches; single batches if `byBatch`. A part is valid
   * until the next one is requested.
   */
  parts(epoch: number, byBatch: boolean, done: number): Iterable<TrainingPart> | AsyncIterable<TrainingPart>;
  /** The place in the data, if epoch and batch don't tell it. */
  readonly place: DatasetPlace | null;
  /** Makes the next epoch begin at this place. */
  resumeAt(place: DatasetPlace | null): void;
  /** Ends an epoch. Returns false if there is no data for another. */
  end(epoch: number): boolean;
  /** Releases the samples. */
  close(): void;
}
