import { Dataset } from '../data/dataset.js';
import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import { BatchReader } from './batch-reader.js';
import type { DatasetFitSettings } from './fit-options.js';
import { inOrder } from './shuffle.js';
import type { BatchSource, TrainingPart } from './train-epoch.js';

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

  async begin(epoch: number): Promise<boolean> {
    const { initialEpoch, trainingBatches } = this.#settings;
    // With validationSplit, every epoch reads pass 0: another pass might shuffle validation batches into the
    // training part.
    const pass = trainingBatches === undefined ? epoch : 0;
    this.#reader ??= new BatchReader(this.#model, this.#dataset, pass, this.#settings);
    if (!(await this.#reader.isAtEnd())) return true;
    if (epoch > initialEpoch) return warnOfEnd(`it has no batches for epoch ${epoch + 1}`);
    throw new ConvforgeError('INVALID_ARGUMENT', 'fitDataset: the dataset gave no batches.');
  }

  async *parts(): AsyncGenerator<TrainingPart, void, void> {
    const reader = this.#reader as BatchReader;
    this.#isAtEnd = false;
    for (let batch = 0; batch < this.#maxBatches; batch++) {
      const samples = await reader.next();
      if (!samples) {
        this.#isAtEnd = true;
        this.#steps = batch;
        return;
      }
      const { count } = samples;
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

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}

function warnOfEnd(what: string): false {
  process.emitWarning(
    `fitDataset: the dataset ran out: ${what}, so the fit ends. repeat() it, or set batchesPerEpoch and epochs for what it has.`,
  );
  return false;
}
