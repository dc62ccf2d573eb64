import { throwIfAborted } from '../aborts.js';
import type { CallbackLike, Logs, TrainedModel } from '../callbacks/callback.js';
import { CallbackList } from '../callbacks/callback-list.js';
import { createDisplay, type Display } from '../callbacks/display.js';
import { History } from '../callbacks/history.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import type { DataLike } from '../network/ports.js';
import { OptionChecks } from '../options.js';
import { nthSeed } from '../random/index.js';
import { ArraySource, splitForFit } from './array-source.js';
import type { LabelledBatch } from './batch-reader.js';
import { CustomScores } from './custom-metrics.js';
import { DatasetSource } from './dataset-source.js';
import { Checkpoints } from './checkpoints.js';
import { fingerprintOf } from './fingerprint.js';
import { FitRanks } from './fit-ranks.js';
import type { ArrayFitSettings, DatasetFitSettings, FitSettings } from './fit-options.js';
import { type LabelledSource, labelledSource, loadLabelledSamples } from './labelled-data.js';
import { logKeys, toLogs } from './logs.js';
import { adviseOnLosses } from './loss-advice.js';
import { NonFiniteWatch } from './non-finite.js';
import { untilPrepared } from './prepared.js';
import { RunPacing } from './run-pacing.js';
import { type BatchSource, EpochTrainer, type ProgressListener } from './train-epoch.js';
import { datasetToValidate, loadToValidate, restToValidate, Validation } from './validation.js';
import type { ValidationSet } from './validation-set.js';

/** Trains `model` for some epochs, with settings that readFitOptions gave: see LayersModel.fit. */
export async function fitModel(
  model: TrainedModel,
  x: DataLike,
  y: DataLike,
  given: ArrayFitSettings,
  onProgress?: ProgressListener,
): Promise<History> {
  return runFit(model, given, onProgress, async (settings) => {
    const { engine } = model.state;
    const { batchSize, signal } = settings;
    const sources = splitForFit(model, x, y, settings);
    const custom = customScores('fit', model, settings);
    const { training } = sources;
    const source = new ArraySource(await loadLabelledSamples(engine, training, { signal }), settings);
    if (!sources.validation) return { source, training };
    try {
      const set = await loadToValidate(model, sources.validation, batchSize, settings);
      const validation = new Validation(model, set, { custom, ranks: settings.ranks });
      return { source, training, validation };
    } catch (error) {
      source.close();
      throw error;
    }
  });
}

/**
 * Trains `model` on the batches of a dataset, with settings that readFitDatasetOptions gave: see
 * LayersModel.fitDataset.
 */
export async function fitDataset(
  model: TrainedModel,
  dataset: AsyncIterable<LabelledBatch>,
  given: DatasetFitSettings,
  onProgress?: ProgressListener,
): Promise<History> {
  return runFit(model, given, onProgress, async (settings) => {
    const source = new DatasetSource(model, dataset, settings);
    // First, since it may throw, and nobody would release the validation samples.
    const custom = customScores('fitDataset', model, settings);
    const set = await openValidation(model, source, settings);
    const isObserved = settings.observer !== undefined;
    const options = { custom, ranks: settings.ranks, isObserved };
    return set ? { source, validation: new Validation(model, set, options) } : { source };
  });
}

async function openValidation(
  model: TrainedModel,
  source: DatasetSource,
  settings: DatasetFitSettings,
): Promise<ValidationSet | undefined> {
  const { validationArrays, validationDataset, validationBatches, trainingBatches, signal } = settings;
  if (validationArrays) {
    const [x, y, sampleWeight] = validationArrays;
    const names = ['validationData[0]', 'validationData[1]'] as const;
    const data = labelledSource(model, { x, y, sampleWeight }, names);
    const batchSize = settings.validationBatchSize;
    return loadToValidate(model, data, batchSize, settings);
  }
  if (trainingBatches !== undefined) return restToValidate(validationBatches, () => source.rest());
  return validationDataset && datasetToValidate(model, validationDataset, validationBatches, signal);
}

function customScores(
  method: string,
  model: TrainedModel,
  { customMetrics }: FitSettings,
): CustomScores | undefined {
  return customMetrics && new CustomScores(new OptionChecks(method), customMetrics, model);
}

/** The training data of a fit, and its validation data. */
interface FitData {
  source: BatchSource;
  /** The training samples, unless they come from a dataset. */
  training?: LabelledSource;
  validation?: Validation;
}

/** Runs a fit. `open` loads its data once training has claimed the model. */
async function runFit<Settings extends ArrayFitSettings | DatasetFitSettings>(
  model: TrainedModel,
  given: Settings,
  onProgress: ProgressListener | undefined,
  open: (settings: Settings) => Promise<FitData>,
): Promise<History> {
  const ranks = FitRanks.of(given.distribute, model);
  if (!ranks) return runHere(model, given, onProgress, open);
  try {
    const seed = await ranks.begin(given.seed);
    return await runHere(model, settingsOf(ranks, { ...given, seed }), onProgress, open);
  } catch (error) {
    await ranks.fail(error);
    throw error;
  } finally {
    ranks.release();
  }
}

/** The settings of a rank's part of a fit. All but rank 0 are silent. */
function settingsOf<Settings extends FitSettings>(ranks: FitRanks, given: Settings): Settings {
  if (ranks.isFirst) return { ...given, ranks };
  const callbacks = given.callbacks.filter((callback: CallbackLike | null) => callback?.everyRank === true);
  return { ...given, callbacks, verbose: 0, observer: undefined, ranks };
}

/** Runs this process's part of a fit. */
async function runHere<Settings extends ArrayFitSettings | DatasetFitSettings>(
  model: TrainedModel,
  given: Settings,
  onProgress: ProgressListener | undefined,
  open: (settings: Settings) => Promise<FitData>,
): Promise<History> {
  throwIfAborted(given.signal);
  const preparing = untilPrepared(model.state, undefined, given.signal);
  if (preparing) await preparing;
  const history = new History();
  const claim = model.state.beginTraining();
  try {
    const ends = { signal: given.signal, disposal: model.state.disposal };
    const observers = given.observer ? [given.observer] : [];
    const callbacks = new CallbackList([...given.callbacks, ...observers, history], claim, ends, given.ranks);
    const checkpoints =
      given.checkpoint && (await Checkpoints.open(given.checkpoint, given.resume, given.ranks));
    const settings = { ...given, seed: checkpoints?.resumed?.seed ?? given.seed };
    const data = await open(settings);
    try {
      await joinRanks(model, data, settings, callbacks);
      await new Fit(model, data, settings, callbacks, checkpoints, onProgress).run();
      await given.ranks?.agree();
    } finally {
      await checkpoints?.settled();
      data.source.close();
      data.validation?.close();
    }
  } catch (error) {
    await given.observer?.failed(error);
    throw error;
  } finally {
    await claim.end();
  }
  return history;
}

/** Checks that all ranks are about to train alike, and gives them the same state. */
async function joinRanks(
  model: TrainedModel,
  { source, training, validation }: FitData,
  settings: ArrayFitSettings | DatasetFitSettings,
  callbacks: CallbackList,
): Promise<void> {
  const { ranks, epochs, shards, givenSeed, checkpoint } = settings;
  if (!ranks) return;
  const facts = {
    ...fingerprintOf(model, settings, source, validation),
    epochs: String(epochs),
    shards: String(shards),
    seed: String(givenSeed ?? 'drawn'),
    'checkpoint.everySteps': String(checkpoint?.everySteps ?? 'none'),
  };
  await ranks.check(facts, training);
  callbacks.wantsBatches = await ranks.wantBatches(callbacks.wantsBatches);
  await ranks.shareState();
}

/** A fit whose data is loaded. */
class Fit {
  readonly #model: TrainedModel;
  readonly #source: BatchSource;
  readonly #validation?: Validation;
  readonly #settings: FitSettings;
  readonly #callbacks: CallbackList;
  readonly #checkpoints?: Checkpoints;
  readonly #watch: NonFiniteWatch;
  readonly #trainer: EpochTrainer;
  readonly #display?: Display;

  constructor(
    model: TrainedModel,
    { source, training, validation }: FitData,
    settings: ArrayFitSettings | DatasetFitSettings,
    callbacks: CallbackList,
    checkpoints?: Checkpoints,
    onProgress?: ProgressListener,
  ) {
    this.#model = model;
    this.#source = source;
    this.#validation = validation;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#checkpoints = checkpoints;
    const watch = new NonFiniteWatch(model, callbacks);
    this.#watch = watch;
    const listener: ProgressListener = (epoch, progress, seconds) => {
      this.#display?.update(progress, seconds);
      settings.observer?.progress(epoch, progress);
      onProgress?.(epoch, progress, seconds);
    };
    const mayStop = settings.observer?.mayStop && !settings.ranks;
    const pauses = checkpoints ?? (mayStop ? new RunPacing() : undefined);
    this.#trainer = new EpochTrainer(model, source, settings, callbacks, watch, listener, pauses);
    settings.observer?.observe({ seed: settings.seed, training, validation: validation?.samples });
    if (checkpoints) {
      const { seed, givenSeed } = settings;
      const fingerprint = fingerprintOf(model, settings, source, validation);
      checkpoints.attach({ model, source, callbacks, watch, seed, fingerprint }, givenSeed);
    }
    this.#display = createDisplay(settings.verbose, {
      epochs: settings.epochs,
      batches: source.steps,
      metrics: logKeys(model.compiled),
      unit: model.signature.inputs[0].shape.length === 3 ? 'images' : 'samples',
    });
  }

  async run(): Promise<void> {
    const model = this.#model;
    const { initialEpoch, epochs } = this.#settings;
    if (this.#callbacks.prints) adviseOnLosses(model);
    this.#prepareCallbacks();
    model.stopTraining = false;
    try {
      await this.#callbacks.trainBegin();
      await this.#runEpochs();
      if (epochs > initialEpoch) await useAverages(model);
      await this.#callbacks.trainEnd();
      await this.#checkpoints?.end();
    } finally {
      this.#display?.stop();
    }
  }

  async #runEpochs(): Promise<void> {
    const source = this.#source;
    const checkpoints = this.#checkpoints;
    const { initialEpoch, epochs } = this.#settings;
    const place = checkpoints?.resumed?.place;
    let epoch = place?.epoch ?? initialEpoch;
    let done = place?.totals ?? undefined;
    let isCompared = false;
    source.resumeAt(place?.dataset ?? null);
    if (!done || epoch >= epochs || this.#callbacks.stopsTraining) await checkpoints?.restore();
    await checkpoints?.begin(epoch);
    for (; epoch < epochs && !this.#callbacks.stopsTraining; epoch++) {
      if (!(await source.begin(epoch, done !== undefined))) break;
      if (!isCompared) await this.#compareFirstBatch();
      isCompared = true;
      const isWhole = await this.#runEpoch(epoch, done);
      done = undefined;
      const hasMore = source.end(epoch);
      if (!isWhole) return;
      await checkpoints?.afterEpoch(epoch + 1);
      if (hasMore) continue;
      epoch++;
      break;
    }
    await checkpoints?.saveBetween(epoch);
  }

  /** Checks that all ranks' datasets give the same batch. */
  async #compareFirstBatch(): Promise<void> {
    const { ranks } = this.#settings;
    if (ranks && this.#source.peek) await ranks.check({}, await this.#source.peek());
  }

  /**
   * Runs an epoch, or what is left of it after the steps of `done`. Resolves to whether it went to its end, as
   * far as checkpoints are concerned.
   */
  async #runEpoch(epoch: number, done?: Totals): Promise<boolean> {
    const callbacks = this.#callbacks;
    await callbacks.epochBegin(epoch);
    await this.#checkpoints?.restore();
    this.#display?.beginEpoch(epoch, done);
    const started = performance.now();
    const totals = await this.#trainer.train(epoch, done);
    const trained = performance.now();
    const logs = toLogs(totals, this.#model.compiled);
    // As in TF.js, an epoch that stopped early isn't validated.
    const isTrained = totals.batches === this.#source.steps;
    const validated = isTrained ? await this.#validate(epoch) : undefined;
    Object.assign(logs, validated);
    const { hasLeftOutStep } = this.#watch;
    const isWhole = validated !== undefined && !hasLeftOutStep;
    if (!isWhole && !hasLeftOutStep) await this.#checkpoints?.saveWithin(epoch, totals);
    const timing = {
      seconds: (performance.now() - started) / 1000,
      samplesPerSecond: (totals.samples - (done?.samples ?? 0)) / ((trained - started) / 1000),
    };
    this.#display?.endEpoch(epoch, logs, timing);
    this.#settings.observer?.timed(timing);
    await callbacks.epochEnd(epoch, logs);
    return isWhole;
  }

  /**
   * The validation's logs. With checkpoints, `stopTraining` ends it, and it resolves to undefined: the fit that
   * resumes validates the epoch.
   */
  async #validate(epoch: number): Promise<Logs | undefined> {
    const validation = this.#validation;
    if (!validation) return {};
    const run = { seed: this.#validationSeed, signal: this.#settings.signal };
    const callbacks = this.#callbacks;
    // Ranks validate to the end.
    return this.#checkpoints && !this.#watch.hasLeftOutStep && !this.#settings.ranks
      ? validation.evaluateUnlessStopped(epoch, run, callbacks, this.#watch)
      : validation.evaluate(epoch, run, callbacks, this.#watch);
  }

  /** Seed of the validation: derived from the fit's seed, different after each epoch. */
  get #validationSeed(): number {
    return nthSeed(this.#settings.seed, this.#model.state.iterations);
  }

  #prepareCallbacks(): void {
    const { epochs, initialEpoch, verbose } = this.#settings;
    const { samples, steps, batchSize } = this.#source;
    const keys = logKeys(this.#model.compiled);
    const validation = this.#validation;
    const validationKeys = keys.map((key) => `val_${key}`);
    this.#callbacks.prepare(this.#model, {
      epochs,
      initialEpoch,
      samples,
      steps,
      batchSize,
      verbose,
      doValidation: validation !== undefined,
      metrics: validation ? [...keys, ...validationKeys, ...validation.customKeys] : keys,
    });
  }
}

/**
 * If the optimizer keeps moving averages of the weights, they replace the trained weights, as at the end of
 * Keras's fit.
 */
async function useAverages(model: Model): Promise<void> {
  const { state, optimizer } = model;
  const { useEma, gradientAccumulationSteps = 1 } = optimizer.describe();
  if (!useEma || optimizer.iterations < gradientAccumulationSteps) return;
  const { weights, optimizer: kept } = await state.snapshot();
  const parameters = state
    .describe()
    .graph.nodes.flatMap((node) => (node.sharesWith === undefined ? node.parameters : []));
  const averages = kept?.slots.average as Float32Array[];
  const used = weights.map((values, i) => (parameters[i].trainable === false ? values : averages[i]));
  await state.writeTrained(used);
}
