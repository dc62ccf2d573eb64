import { nthSeed } from '../random/index.js';
import { CallbackList } from '../callbacks/callback-list.js';
import { createDisplay, type Display } from '../callbacks/display.js';
import { History } from '../callbacks/history.js';
import type { Logs, TrainedModel } from '../callbacks/callback.js';
import { sampleShapes } from '../program/samples.js';
import { throwIfAborted } from '../aborts.js';
import { useAverages } from './averages.js';
import { predictSamples } from './custom-metrics.js';
import { type FitData, loadFitData } from './fit-data.js';
import type { LabelledSamples } from './labelled-data.js';
import { type FitOptions, type FitSettings, readFitOptions } from './fit-options.js';
import { adviseOnLosses } from './loss-advice.js';
import { NonFiniteWatch } from './non-finite-watch.js';
import { logKeys, toLogs } from './logs.js';
import type { DataLike } from '../network/ports.js';
import { EpochTrainer, type ProgressListener } from './train-epoch.js';

/** Trains `model` for some epochs: see LayersModel.fit. */
export async function fitModel(
  model: TrainedModel,
  x: DataLike,
  y: DataLike,
  options: FitOptions = {},
  onProgress?: ProgressListener,
): Promise<History> {
  const settings = readFitOptions(options);
  throwIfAborted(settings.signal);
  const history = new History();
  const claim = model.state.beginTraining();
  try {
    const ends = { signal: settings.signal, disposal: model.state.disposal };
    const callbacks = new CallbackList([...settings.callbacks, history], claim, ends);
    const data = await loadFitData(model, x, y, settings);
    try {
      await new Fit(model, data, settings, callbacks, onProgress).run();
    } finally {
      data.dispose();
    }
  } finally {
    await claim.end();
  }
  return history;
}

/** A fit whose data is loaded. */
class Fit {
  readonly #model: TrainedModel;
  readonly #data: FitData;
  readonly #settings: FitSettings;
  readonly #callbacks: CallbackList;
  readonly #watch: NonFiniteWatch;
  readonly #trainer: EpochTrainer;
  readonly #display?: Display;

  constructor(
    model: TrainedModel,
    data: FitData,
    settings: FitSettings,
    callbacks: CallbackList,
    onProgress?: ProgressListener,
  ) {
    this.#model = model;
    this.#data = data;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#watch = new NonFiniteWatch(model, callbacks);
    this.#trainer = new EpochTrainer(
      model,
      data.training,
      settings,
      callbacks,
      this.#watch,
      (epoch, progress, seconds) => {
        this.#display?.update(progress, seconds);
        onProgress?.(epoch, progress, seconds);
      },
    );
    this.#display = createDisplay(settings.verbose, {
      epochs: settings.epochs,
      batches: this.#trainer.steps,
      metrics: this.#logKeys,
      unit: model.signature.inputs[0].shape.length === 3 ? 'images' : 'samples',
    });
  }

  async run(): Promise<void> {
    const model = this.#model;
    const { initialEpoch, epochs } = this.#settings;
    adviseOnLosses(model);
    this.#prepareCallbacks();
    model.stopTraining = false;
    try {
      await this.#callbacks.trainBegin();
      for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++)
        await this.#runEpoch(epoch);
      if (epochs > initialEpoch) await useAverages(model);
      await this.#callbacks.trainEnd();
    } finally {
      this.#display?.stop();
    }
  }

  async #runEpoch(epoch: number): Promise<void> {
    const callbacks = this.#callbacks;
    await callbacks.epochBegin(epoch);
    this.#display?.beginEpoch(epoch);
    const started = performance.now();
    const totals = await this.#trainer.train(epoch);
    const trained = performance.now();
    const logs = toLogs(totals, this.#model.compiled);
    // As in TF.js, an epoch that was stopped half way isn't validated.
    const { validation } = this.#data;
    if (validation && totals.batches === this.#trainer.steps) {
      Object.assign(logs, await this.#validate(epoch, validation));
      Object.assign(logs, await this.#measure(validation));
    }
    this.#display?.endEpoch(epoch, logs, {
      seconds: (performance.now() - started) / 1000,
      samplesPerSecond: totals.samples / ((trained - started) / 1000),
    });
    await callbacks.epochEnd(epoch, logs);
  }

  async #validate(epoch: number, validation: LabelledSamples): Promise<Logs> {
    const { x, y, sampleWeights } = validation;
    const { batchSize, signal } = this.#settings;
    const run = { x, y, sampleWeights, batchSize, seed: this.#validationSeed, signal };
    const pending = this.#model.state.programFor(sampleShapes(x)).evaluate(run);
    const totals = await pending.promise;
    await this.#watch.lookAtValidation(epoch, totals, validation, batchSize);
    return toLogs(totals, this.#model.compiled, 'val_');
  }

  /** Metrics in JavaScript, which may take the time they like: an abort ends the wait. */
  async #measure(validation: LabelledSamples): Promise<Logs> {
    const { custom, targets } = this.#data;
    if (!custom || !targets) return {};
    const { batchSize, signal } = this.#settings;
    const options = { batchSize, seed: this.#validationSeed, signal };
    const predictions = await predictSamples(this.#model, validation, options);
    return this.#callbacks.pause(() => custom.evaluate({ targets, predictions }));
  }

  /** Of the training's seed, and another one after each epoch. */
  get #validationSeed(): number {
    return nthSeed(this.#settings.seed, this.#model.state.iterations);
  }

  #prepareCallbacks(): void {
    const { epochs, initialEpoch, batchSize, verbose } = this.#settings;
    const { training, validation, custom } = this.#data;
    const keys = this.#logKeys;
    const validationKeys = [...keys.map((key) => `val_${key}`), ...(custom?.keys ?? [])];
    this.#callbacks.prepare(this.#model, {
      epochs,
      initialEpoch,
      samples: training.count,
      steps: this.#trainer.steps,
      batchSize,
      verbose,
      doValidation: validation !== undefined,
      metrics: validation ? [...keys, ...validationKeys] : keys,
    });
  }

  get #logKeys(): string[] {
    return logKeys(this.#model.compiled);
  }
}
