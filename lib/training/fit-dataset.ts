import { nthSeed } from '../random/index.js';
import { CallbackList } from '../callbacks/callback-list.js';
import { createDisplay, type Display } from '../callbacks/display.js';
import { History } from '../callbacks/history.js';
import { Dataset } from '../data/dataset.js';
import { ConvforgeError } from '../errors.js';
import type { Logs, TrainedModel } from '../callbacks/callback.js';
import type { Totals } from '../program/engine.js';
import { OptionChecks } from '../options.js';
import { concat, type Tensor } from '../tensor/index.js';
import { sampleShapes } from '../program/samples.js';
import { throwIfAborted } from '../aborts.js';
import { useAverages } from './averages.js';
import { BatchReader, type LabelledBatch } from './batch-reader.js';
import { CustomScores, predictSamples, type Scored, targetTensors } from './custom-metrics.js';
import { type FitDatasetOptions, type FitDatasetSettings, readFitDatasetOptions } from './dataset-options.js';
import { evaluateBatches } from './evaluate-dataset.js';
import { labelledSource, type LoadedSamples, loadLabelledSamples } from './labelled-data.js';
import { addTotals, logKeys, toLogs } from './logs.js';
import { adviseOnLosses } from './loss-advice.js';
import { NonFiniteWatch } from './non-finite-watch.js';
import { epochOrder } from './shuffle.js';
import { type ProgressListener, REPORT_INTERVAL } from './train-epoch.js';

/** Trains `model` on the batches of a dataset: see LayersModel.fitDataset. */
export async function fitDataset(
  model: TrainedModel,
  dataset: AsyncIterable<LabelledBatch>,
  options: FitDatasetOptions = {},
  onProgress: ProgressListener = () => {},
): Promise<History> {
  const settings = readFitDatasetOptions(dataset, options);
  throwIfAborted(settings.signal);
  const history = new History();
  const claim = model.state.beginTraining();
  try {
    const ends = { signal: settings.signal, disposal: model.state.disposal };
    const callbacks = new CallbackList([...settings.callbacks, history], claim, ends);
    const validation = await loadValidationArrays(model, settings);
    try {
      await new DatasetFit(model, dataset, validation, settings, callbacks, onProgress).run();
    } finally {
      validation?.dispose();
    }
  } finally {
    await claim.end();
  }
  return history;
}

async function loadValidationArrays(
  model: TrainedModel,
  { validationArrays, signal }: FitDatasetSettings,
): Promise<LoadedSamples | undefined> {
  if (!validationArrays) return undefined;
  const [x, y, sampleWeight] = validationArrays;
  const names = ['validationData[0]', 'validationData[1]'] as const;
  return loadLabelledSamples(
    model.state.engine,
    labelledSource(model, { x, y, sampleWeight }, names),
    signal,
  );
}

class DatasetFit {
  readonly #display?: Display;
  readonly #watch: NonFiniteWatch;
  readonly #custom?: CustomScores;
  /** Copies of the validation arrays' targets, for `#custom`. */
  readonly #targets?: readonly Tensor[];
  /** Batches that an epoch is trained on, at most. */
  readonly #most: number;
  /** The same; null until one has been read to its end, if the dataset doesn't tell. */
  #steps: number | null;

  constructor(
    private readonly model: TrainedModel,
    private readonly dataset: AsyncIterable<LabelledBatch>,
    private readonly validation: LoadedSamples | undefined,
    private readonly settings: FitDatasetSettings,
    private readonly callbacks: CallbackList,
    private readonly onProgress: ProgressListener,
  ) {
    const { batchesPerEpoch, trainingBatches, epochs, verbose } = settings;
    const size = dataset instanceof Dataset ? dataset.size : null;
    this.#most = trainingBatches ?? batchesPerEpoch;
    this.#steps = this.#most < Number.POSITIVE_INFINITY ? this.#most : size;
    this.#watch = new NonFiniteWatch(model, callbacks);
    const { customMetrics } = settings;
    if (customMetrics) this.#custom = new CustomScores(new OptionChecks('fitDataset'), customMetrics, model);
    if (validation && customMetrics) this.#targets = targetTensors(validation.source);
    this.#display = createDisplay(verbose, {
      epochs,
      batches: this.#steps,
      metrics: logKeys(model.compiled),
      unit: model.signature.inputs[0].shape.length === 3 ? 'images' : 'samples',
    });
  }

  async run(): Promise<void> {
    const { model } = this;
    const { initialEpoch, epochs, batchesPerEpoch, trainingBatches } = this.settings;
    adviseOnLosses(model);
    this.#prepareCallbacks();
    model.stopTraining = false;
    let reader: BatchReader | undefined;
    try {
      await this.callbacks.trainBegin();
      let goesOn = true;
      for (let epoch = initialEpoch; epoch < epochs && goesOn && !model.stopTraining; epoch++) {
        // Of another pass a shuffle might keep other batches.
        const pass = trainingBatches === undefined ? epoch : 0;
        reader ??= new BatchReader(model, this.dataset, pass, this.settings);
        goesOn = await this.#runEpoch(epoch, reader);
        if (batchesPerEpoch < Number.POSITIVE_INFINITY) continue;
        reader.close();
        reader = undefined;
      }
      if (epochs > initialEpoch) await useAverages(model);
      await this.callbacks.trainEnd();
    } finally {
      reader?.close();
      this.#display?.stop();
    }
  }

  /** Whether there may be data for another. */
  async #runEpoch(epoch: number, reader: BatchReader): Promise<boolean> {
    if (await reader.isAtEnd()) {
      if (epoch > this.settings.initialEpoch) return this.#warn(`it has no batches for epoch ${epoch + 1}`);
      throw new ConvforgeError('INVALID_ARGUMENT', 'fitDataset: the dataset gave no batches.');
    }
    await this.callbacks.epochBegin(epoch);
    this.#display?.beginEpoch(epoch);
    const started = performance.now();
    const { totals, isWhole, isAtEnd } = await this.#train(epoch, reader);
    const trained = performance.now();
    const logs = toLogs(totals, this.model.compiled);
    // As in TF.js, an epoch that was stopped half way isn't validated.
    if (isWhole) Object.assign(logs, await this.#validate(epoch, reader));
    this.#display?.endEpoch(epoch, logs, {
      seconds: (performance.now() - started) / 1000,
      samplesPerSecond: totals.samples / ((trained - started) / 1000),
    });
    await this.callbacks.epochEnd(epoch, logs);
    const { batchesPerEpoch } = this.settings;
    if (!isAtEnd || batchesPerEpoch === Number.POSITIVE_INFINITY) return true;
    return this.#warn(`it ended after ${totals.batches} of ${batchesPerEpoch} batches of epoch ${epoch + 1}`);
  }

  /** A run of the program for each batch, while the next is being read. */
  async #train(
    epoch: number,
    reader: BatchReader,
  ): Promise<{ totals: Totals; isWhole: boolean; isAtEnd: boolean }> {
    const started = performance.now();
    let reported = Number.NEGATIVE_INFINITY;
    let sum: Totals | undefined;
    let batch = 0;
    let isAtEnd = false;
    for (; batch < this.#most && !(batch > 0 && this.model.stopTraining); batch++) {
      const samples = await reader.next();
      isAtEnd = samples === undefined;
      if (!samples) break;
      try {
        const totals = await this.#trainBatch(epoch, batch, samples, reader);
        sum = sum ? addTotals(sum, totals) : totals;
      } finally {
        samples.dispose();
      }
      const now = performance.now();
      if (now - reported < REPORT_INTERVAL) continue;
      reported = now;
      this.#report(epoch, sum, (now - started) / 1000);
    }
    if (isAtEnd) this.#steps = batch;
    return { totals: sum as Totals, isWhole: isAtEnd || batch === this.#steps, isAtEnd };
  }

  #report(epoch: number, { samples, batches, ...totals }: Totals, seconds: number): void {
    const logs = toLogs({ samples, batches, ...totals }, this.model.compiled);
    this.#display?.update({ samples, batches, logs }, seconds);
    this.onProgress(epoch, { samples, batches, logs }, seconds);
  }

  async #trainBatch(
    epoch: number,
    batch: number,
    samples: LoadedSamples,
    reader: BatchReader,
  ): Promise<Totals> {
    const { seed, signal } = this.settings;
    const { x, y, sampleWeights, count } = samples;
    await this.callbacks.batchBegin(batch, { batch, size: count });
    const order = epochOrder(count, seed, 0, false);
    const { stops: stopAtNonFinite } = this.#watch;
    const run = { x, y, sampleWeights, batchSize: count, order, seed, signal, stopAtNonFinite };
    const training = this.model.state.programToTrain(sampleShapes(x)).train(run);
    if (batch + 1 < this.#most) reader.readAhead();
    const totals = await training;
    if (stopAtNonFinite && totals.firstNonFinite !== undefined)
      await this.#watch.tell({ epoch, step: batch, steps: this.#steps }, samples.source.x, order);
    await this.callbacks.batchEnd(batch, { batch, size: count, ...toLogs(totals, this.model.compiled) });
    return totals;
  }

  /** `reader`: of the training batches, behind which others may be. */
  async #validate(epoch: number, reader: BatchReader): Promise<Logs> {
    const { validationDataset, trainingBatches, signal } = this.settings;
    if (this.validation) return this.#validateArrays(epoch, this.validation);
    if (trainingBatches !== undefined) return this.#validateBatches(epoch, reader.unweighted());
    if (!validationDataset) return {};
    const own = new BatchReader(this.model, validationDataset, 0, { signal });
    try {
      return await this.#validateBatches(epoch, own);
    } finally {
      own.close();
    }
  }

  async #validateBatches(epoch: number, reader: BatchReader): Promise<Logs> {
    const { model, settings } = this;
    const { validationBatches, signal } = settings;
    const batches: Scored[] = [];
    const keep = async (samples: LoadedSamples) => {
      const targets = targetTensors(samples.source);
      const options = { batchSize: samples.count, seed: this.#validationSeed, signal };
      const predictions = await predictSamples(model, samples, options);
      batches.push({ targets, predictions });
    };
    const look = this.#custom && keep;
    const steps = Number.isFinite(validationBatches) ? validationBatches : null;
    const afterBatch = async (step: number, samples: LoadedSamples, { firstNonFinite }: Totals) => {
      if (firstNonFinite === undefined) return;
      const order = Uint32Array.from({ length: samples.count }, (_, i) => i);
      await this.#watch.tellOfValidation({ epoch, step, steps }, samples.source.x, order);
    };
    const run = { most: validationBatches, seed: this.#validationSeed, signal, look, afterBatch };
    const totals = await evaluateBatches(model, reader, run);
    const logs = toLogs(totals, model.compiled, 'val_');
    const joined = (part: keyof Scored) =>
      batches[0][part].map((_, i) => concat(batches.map((batch) => batch[part][i])));
    if (!this.#custom) return logs;
    return {
      ...logs,
      ...(await this.#measure({ targets: joined('targets'), predictions: joined('predictions') })),
    };
  }

  async #validateArrays(epoch: number, validation: LoadedSamples): Promise<Logs> {
    const { model, settings } = this;
    const { x, y, sampleWeights } = validation;
    const { validationBatchSize: batchSize, signal } = settings;
    const run = { x, y, sampleWeights, batchSize, seed: this.#validationSeed, signal };
    const pending = model.state.programFor(sampleShapes(x)).evaluate(run);
    const totals = await pending.promise;
    await this.#watch.lookAtValidation(epoch, totals, validation, batchSize);
    const logs = toLogs(totals, model.compiled, 'val_');
    if (!this.#targets) return logs;
    const options = { batchSize, seed: this.#validationSeed, signal };
    const predictions = await predictSamples(model, validation, options);
    return { ...logs, ...(await this.#measure({ targets: this.#targets, predictions })) };
  }

  /** Of the training's seed, and another one after each epoch. */
  get #validationSeed(): number {
    return nthSeed(this.settings.seed, this.model.state.iterations);
  }

  async #measure(scored: Scored): Promise<Logs> {
    const custom = this.#custom;
    return custom ? this.callbacks.pause(() => custom.evaluate(scored)) : {};
  }

  #prepareCallbacks(): void {
    const { epochs, initialEpoch, verbose, validationDataset, trainingBatches } = this.settings;
    const validates = [this.validation, validationDataset, trainingBatches];
    const doValidation = validates.some((each) => each !== undefined);
    const keys = logKeys(this.model.compiled);
    const validationKeys = [...keys.map((key) => `val_${key}`), ...(this.#custom?.keys ?? [])];
    this.callbacks.prepare(this.model, {
      epochs,
      initialEpoch,
      samples: null,
      steps: this.#steps,
      batchSize: null,
      verbose,
      doValidation,
      metrics: doValidation ? [...keys, ...validationKeys] : keys,
    });
  }

  #warn(what: string): false {
    process.emitWarning(
      `fitDataset: the dataset ran out: ${what}, so the fit ends. repeat() it, or set batchesPerEpoch and epochs for what it has.`,
    );
    return false;
  }
}
