import { CallbackList } from '../callbacks/callback-list.js';
import { createDisplay, type Display, type Progress } from '../callbacks/display.js';
import { History } from '../callbacks/history.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Totals } from '../program/engine.js';
import { throwIfAborted } from '../program/samples.js';
import { useAverages } from './averages.js';
import { type FitData, type LabelledSamples, loadFitData } from './fit-data.js';
import { type FitOptions, type FitSettings, readFitOptions } from './fit-options.js';
import { type Logs, logKeys, toLogs } from './logs.js';
import type { DataLike } from './ports.js';
import { epochOrder } from './shuffle.js';

/** Trains `model` for some epochs: see LayersModel.fit. */
export async function fitModel(
  model: LayersModel,
  x: DataLike,
  y: DataLike,
  options: FitOptions = {},
): Promise<History> {
  const settings = readFitOptions(options);
  throwIfAborted(settings.signal);
  const history = new History();
  const claim = model.state.beginTraining();
  try {
    const callbacks = new CallbackList([...settings.callbacks, history], claim, settings.signal);
    const data = await loadFitData(model, x, y, settings);
    try {
      await new Fit(model, data, settings, callbacks).run();
    } finally {
      data.dispose();
    }
  } finally {
    claim.end();
  }
  return history;
}

/** A fit whose data is loaded. */
class Fit {
  readonly #model: LayersModel;
  readonly #data: FitData;
  readonly #settings: FitSettings;
  readonly #callbacks: CallbackList;
  readonly #display?: Display;

  constructor(model: LayersModel, data: FitData, settings: FitSettings, callbacks: CallbackList) {
    this.#model = model;
    this.#data = data;
    this.#settings = settings;
    this.#callbacks = callbacks;
    this.#display = createDisplay(settings.verbose, {
      epochs: settings.epochs,
      batches: this.#steps,
      metrics: this.#logKeys,
      unit: model.signature.inputs[0].shape.length === 3 ? 'images' : 'samples',
    });
  }

  async run(): Promise<void> {
    const model = this.#model;
    const { initialEpoch, epochs } = this.#settings;
    this.#prepareCallbacks();
    model.stopTraining = false;
    try {
      await this.#callbacks.trainBegin();
      for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++)
        await this.#runEpoch(epoch);
      await useAverages(model);
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
    const totals = callbacks.wantsBatches ? await this.#trainBatches(epoch) : await this.#trainWhole(epoch);
    const trained = performance.now();
    const logs = toLogs(totals, this.#model.compiled);
    // As in TF.js, an epoch that was stopped half way isn't validated.
    const { validation } = this.#data;
    if (validation && totals.samples === this.#data.training.count) {
      Object.assign(logs, await this.#validate(validation));
    }
    this.#display?.endEpoch(epoch, logs, {
      seconds: (performance.now() - started) / 1000,
      samplesPerSecond: totals.samples / ((trained - started) / 1000),
    });
    await callbacks.epochEnd(epoch, logs);
  }

  /** One run of the program for the whole epoch. */
  #trainWhole(epoch: number): Promise<Totals> {
    const started = performance.now();
    const display = this.#display;
    return this.#train(this.#order(epoch), (totals) => {
      display?.update(this.#progress(totals), (performance.now() - started) / 1000);
    });
  }

  /** A run of the program for each batch, with callbacks in between. */
  async #trainBatches(epoch: number): Promise<Totals> {
    const { batchSize } = this.#settings;
    const { compiled } = this.#model;
    const order = this.#order(epoch);
    const started = performance.now();
    let sum: Totals | undefined;
    for (let batch = 0; batch < this.#steps && !(batch > 0 && this.#model.stopTraining); batch++) {
      const part = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      await this.#callbacks.batchBegin(batch, { batch, size: part.length });
      const totals = await this.#train(part);
      sum = sum ? addTotals(sum, totals) : totals;
      this.#display?.update(this.#progress(sum), (performance.now() - started) / 1000);
      await this.#callbacks.batchEnd(batch, { batch, size: part.length, ...toLogs(totals, compiled) });
    }
    return sum as Totals;
  }

  #progress(totals: Totals): Progress {
    const { samples, batches } = totals;
    return { samples, batches, logs: toLogs(totals, this.#model.compiled) };
  }

  #train(order: Uint32Array, onProgress?: (totals: Totals) => void): Promise<Totals> {
    const { batchSize, seed, signal } = this.#settings;
    const { x, y, sampleWeights } = this.#data.training;
    const run = { x, y, sampleWeights, batchSize, seed, signal, order, onProgress };
    return this.#model.state.programToTrain.train(run);
  }

  async #validate({ x, y, sampleWeights }: LabelledSamples): Promise<Logs> {
    const { batchSize, signal } = this.#settings;
    const run = { x, y, sampleWeights, batchSize, signal };
    const pending = this.#model.state.start((program) => program.evaluate(run));
    return toLogs(await pending.promise, this.#model.compiled, 'val_');
  }

  #order(epoch: number): Uint32Array {
    const { seed, shuffle } = this.#settings;
    return epochOrder(this.#data.training.count, seed, epoch, shuffle);
  }

  #prepareCallbacks(): void {
    const { epochs, initialEpoch, batchSize, verbose } = this.#settings;
    const doValidation = this.#data.validation !== undefined;
    const keys = this.#logKeys;
    this.#callbacks.prepare(this.#model, {
      epochs,
      initialEpoch,
      samples: this.#data.training.count,
      steps: this.#steps,
      batchSize,
      verbose,
      doValidation,
      metrics: doValidation ? [...keys, ...keys.map((key) => `val_${key}`)] : keys,
    });
  }

  get #steps(): number {
    return Math.ceil(this.#data.training.count / this.#settings.batchSize);
  }

  get #logKeys(): string[] {
    return logKeys(this.#model.compiled);
  }
}

function addTotals(sum: Totals, totals: Totals): Totals {
  const add = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + b[i]);
  return {
    samples: sum.samples + totals.samples,
    batches: sum.batches + totals.batches,
    loss: sum.loss + totals.loss,
    losses: add(sum.losses, totals.losses),
    metrics: sum.metrics.map((counts, i) => add(counts, totals.metrics[i])),
  };
}
