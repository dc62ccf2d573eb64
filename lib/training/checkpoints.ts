import type { CallbackList } from '../callbacks/callback-list.js';
import { ConvforgeError } from '../errors.js';
import { CheckpointFolder } from '../io/checkpoint-folder.js';
import { pack } from '../io/packed-state.js';
import type { Model } from '../network/model.js';
import type { OptimizerState, Totals } from '../program/engine.js';
import { generatorState, setGeneratorState } from '../random/index.js';
import type { CheckpointSettings } from './checkpoint-options.js';
import { differences, type Fingerprint } from './fingerprint.js';
import { type FitPlace, type FitState, readFitState } from './fit-state.js';
import type { FitRanks } from './fit-ranks.js';
import type { NonFiniteWatch } from './non-finite.js';
import { RunPacing } from './run-pacing.js';
import type { BatchSource, DatasetPlace, Pauses } from './train-epoch.js';

/** The parts of a fit whose state checkpoints hold. */
interface FitParts {
  model: Model;
  source: BatchSource;
  callbacks: CallbackList;
  watch: NonFiniteWatch;
  seed: number;
  fingerprint: Fingerprint;
}

/**
 * Writes the checkpoints of a fit, while it trains on, and resumes from the newest one. Epochs are run in
 * parts that end where a checkpoint is due.
 */
export class Checkpoints implements Pauses {
  readonly #settings: CheckpointSettings;
  /** undefined in a rank that isn't the first: it resumes as the first does, and writes nothing. */
  readonly #folder?: CheckpointFolder;
  readonly #path?: string;
  /** The state to resume from, until it is restored; undefined if the fit begins anew. */
  resumed?: FitState;
  /** Whether the folder has checkpoints of an earlier fit, which this one doesn't resume. */
  readonly #hasOthers: boolean;
  #parts?: FitParts;
  /** Steps of the fit so far, and those at the newest checkpoint. */
  #steps: number;
  #saved: number;
  /** undefined with ranks, whose runs must be alike. */
  readonly #pacing?: RunPacing;
  /** The checkpoint that is being written. */
  #writing = Promise.resolve();

  private constructor(
    settings: CheckpointSettings,
    folder: CheckpointFolder | undefined,
    found: { path?: string; resumed?: FitState; hasOthers: boolean },
    ranks?: FitRanks,
  ) {
    this.#settings = settings;
    this.#folder = folder;
    if (!ranks) this.#pacing = new RunPacing();
    this.#path = found.path;
    this.resumed = found.resumed;
    this.#hasOthers = found.hasOthers;
    this.#steps = found.resumed?.place.steps ?? 0;
    this.#saved = this.#steps;
  }

  /** Reads the newest checkpoint if the fit resumes. Rejects as CheckpointFolder.readNewest does. */
  static async open(settings: CheckpointSettings, resume: boolean, ranks?: FitRanks): Promise<Checkpoints> {
    const writes = ranks?.isFirst !== false;
    const folder = writes ? new CheckpointFolder(settings.dir, settings.keep) : undefined;
    await folder?.clean();
    let read = resume ? await folder?.readNewest() : undefined;
    if (ranks && resume) read = ((await ranks.share(read)) ?? undefined) as typeof read;
    if (!read)
      return new Checkpoints(settings, folder, { hasOthers: (await folder?.hasAny()) ?? false }, ranks);
    const { path, data } = read;
    const found = { path, resumed: readFitState(path, data), hasOthers: false };
    return new Checkpoints(settings, folder, found, ranks);
  }

  /**
   * Takes the parts of the fit. Throws INVALID_ARGUMENT if the checkpoint is of another training. `seed` is
   * the one that the caller has given.
   */
  attach(parts: FitParts, givenSeed: number | undefined): void {
    this.#parts = parts;
    if (!this.resumed) return;
    const { fingerprint, seed } = this.resumed;
    const found = differences(
      { ...fingerprint, seed: String(seed) },
      { ...parts.fingerprint, seed: String(givenSeed ?? seed) },
    );
    if (found === '') return;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `resume: the checkpoint ${this.#path} is of another training: ${found}. Give the model, data and options that it was made with (more epochs are allowed), or another checkpoint.dir to begin anew.`,
    );
  }

  /** Gives the fit the state to resume from, but for its place, unless it has it or begins anew. */
  async restore(): Promise<void> {
    if (!this.resumed) return;
    const { weights, optimizer, learningRate, callbacks, reported, generator } = this.resumed;
    const { model, callbacks: list, watch } = this.#parts as FitParts;
    // Frees its memory, as much as the model's, for the rest of the fit.
    this.resumed = undefined;
    await model.state.writeTrained(weights, optimizer);
    if (learningRate !== null) model.optimizer.learningRate = learningRate;
    await list.restore(callbacks);
    watch.reported = reported;
    setGeneratorState(generator);
  }

  /**
   * Writes a first checkpoint if there are those of an earlier fit. Otherwise that one would be resumed if
   * this fit is killed soon.
   */
  async begin(epoch: number): Promise<void> {
    if (this.#hasOthers) await this.#save({ epoch, totals: null, steps: 0, dataset: null });
  }

  get maxSteps(): number {
    const { everySteps } = this.#settings;
    const untilDue = Number.isFinite(everySteps) ? everySteps - (this.#steps % everySteps) : everySteps;
    return Math.min(untilDue, this.#pacing?.maxSteps ?? untilDue);
  }

  /** Writes a checkpoint if one is due within an epoch. The end of an epoch has its own. */
  async afterRun(epoch: number, totals: Totals, steps: number, milliseconds: number): Promise<void> {
    this.#steps += steps;
    await this.#pacing?.afterRun(epoch, totals, steps, milliseconds);
    const isEnd = totals.batches === this.#parts?.source.steps;
    if (!isEnd && this.#isDue) await this.saveWithin(epoch, totals);
  }

  /** Writes a checkpoint of an epoch that isn't over, unless there is one of this step. */
  async saveWithin(epoch: number, totals: Totals): Promise<void> {
    if (this.#saved !== this.#steps) await this.#save({ epoch, totals, ...this.#place });
  }

  /** Writes a checkpoint between epochs if one is due. `epoch` is the next one's index. */
  async afterEpoch(epoch: number): Promise<void> {
    if (!Number.isFinite(this.#settings.everySteps) || this.#isDue) await this.saveBetween(epoch);
  }

  /** Writes a checkpoint between epochs, unless there is one of this step. */
  async saveBetween(epoch: number): Promise<void> {
    if (this.#saved !== this.#steps) await this.#save({ epoch, totals: null, ...this.#place });
  }

  /** Waits until the newest checkpoint is written. Rejects with IO_ERROR if it couldn't be. */
  async end(): Promise<void> {
    await this.#writing;
  }

  /** Waits until nothing is written any more, whether or not it failed. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  get #isDue(): boolean {
    const { everySteps } = this.#settings;
    return Math.floor(this.#steps / everySteps) > Math.floor(this.#saved / everySteps);
  }

  get #place(): { steps: number; dataset: DatasetPlace | null } {
    return { steps: this.#steps, dataset: this.#parts?.source.place ?? null };
  }

  /** Takes the state and begins to write it. First waits for the checkpoint before it. */
  async #save(place: FitPlace): Promise<void> {
    const { model, callbacks, watch, seed, fingerprint } = this.#parts as FitParts;
    await this.#writing;
    this.#saved = this.#steps;
    if (!this.#folder) return;
    const { weights, optimizer } = await model.state.snapshot();
    const states = await callbacks.states();
    const isNumber = typeof model.optimizer.describe().learningRate === 'number';
    const state: FitState = {
      fingerprint,
      place,
      seed,
      generator: generatorState(),
      weights,
      optimizer: optimizer as OptimizerState,
      learningRate: isNumber ? model.optimizer.learningRate : null,
      callbacks: states,
      reported: watch.reported,
    };
    this.#writing = this.#folder.write(pack(state, 'the checkpoint'));
    // end() or the next save tell of a failure.
    this.#writing.catch(() => undefined);
  }
}
