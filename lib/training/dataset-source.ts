import { Dataset } from '../data/dataset.js';
import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import { BatchReader } from './batch-reader.js';
import type { DatasetFitSettings } from './fit-options.js';
import type { LabelledSource } from './labelled-data.js';
import { inOrder } from './shuffle.js';
import type { BatchSource, DatasetPlace, TrainingPart } from './train-epoch.js';

/**
 * Batches of a dataset; each is a part. An epoch is one pass, or, with batchesPerEpoch, continues where the
 * last epoch stopped.
 */
export class DatasetSource implements BatchSource {
  readonly samples = null;
  readonly batchSize = null;
  readonly #model: Model;
  readonly #dataset: AsyncIterable<unknown>;
  readonly #settings: DatasetFitSettings;
  /** Maximum number of training batches in an epoch. */
  readonly #maxBatches: number;
  #steps: number | null;
  #reader?: BatchReader;
  #isAtEnd = false;
  #place: DatasetPlace | null = null;

  constructor(model: Model, dataset: AsyncIterable<unknown>, settings: DatasetFitSettings) {
    this.#model = model;
    this.#dataset = dataset;
    this.#settings = settings;
    this.#maxBatches = settings.trainingBatches ?? settings.batchesPerEpoch;
    const size = dataset instanceof Dataset ? dataset.size : null;
    this.#steps = this.#maxBatches < Number.POSITIVE_INFINITY ? this.#maxBatches : size;
  }

  /** If the dataset doesn't know its size: null until a pass has been read to its end. */
  get steps(): number | null {
    return this.#steps;
  }

  async begin(epoch: number, resumes: boolean): Promise<boolean> {
    const { initialEpoch, trainingBatches } = this.#settings;
    // With validationSplit, every epoch reads pass 0: another pass might shuffle validation batches into the
    // training part.
    const pass = trainingBatches === undefined ? epoch : 0;
    if (!this.#reader) {
      this.#place ??= { pass, batches: 0 };
      this.#reader = new BatchReader(this.#model, this.#dataset, this.#place.pass, this.#settings);
      await this.#reader.skip(this.#place.batches);
    }
    if (resumes || !(await this.#reader.isAtEnd())) return true;
    if (epoch > initialEpoch) return warnOfEnd(`it has no batches for epoch ${epoch + 1}`);
    throw new ConvforgeError('INVALID_ARGUMENT', 'fitDataset: the dataset gave no batches.');
  }

  async peek(): Promise<LabelledSource | undefined> {
    return (await this.#reader?.peek())?.source;
  }

  async *parts(_epoch: number, _byBatch: boolean, done: number): AsyncGenerator<TrainingPart, void, void> {
    const reader = this.#reader as BatchReader;
    const place = this.#place as DatasetPlace;
    this.#isAtEnd = false;
    for (let batch = done; batch < this.#maxBatches; batch++) {
      const samples = await reader.next();
      if (!samples) {
        this.#isAtEnd = true;
        this.#steps = batch;
        return;
      }
      const { count } = samples;
      place.batches++;
      const readAhead = () => {
        if (batch + 1 < this.#maxBatches) reader.readAhead();
      };
      try {
        yield { samples, order: inOrder(count), batchSize: count, isBatch: true, readAhead };
      } finally {
        samples.dispose();
      }
    }
  }

  /** Reads the batches that follow the epoch's, without class weights. */
  rest(): BatchReader {
    return (this.#reader as BatchReader).unweighted();
  }

  end(epoch: number): boolean {
    const { batchesPerEpoch } = this.#settings;
    if (batchesPerEpoch === Number.POSITIVE_INFINITY) {
      this.close();
      return true;
    }
    if (!this.#isAtEnd) return true;
    return warnOfEnd(`it ended after ${this.#steps} of ${batchesPerEpoch} batches of epoch ${epoch + 1}`);
  }

  /** The pass that is being read, and how many of its batches were taken. null between passes. */
  get place(): DatasetPlace | null {
    return this.#place && { ...this.#place };
  }

  resumeAt(place: DatasetPlace | null): void {
    this.#place = place;
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#place = null;
  }
}

function warnOfEnd(what: string): false {
  process.emitWarning(
    `fitDataset: the dataset ran out: ${what}, so the fit ends. repeat() it, or set batchesPerEpoch and epochs for what it has.`,
  );
  return false;
}
