import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import { applyClassWeights } from './class-weights.js';
import type { ArrayFitSettings } from './fit-options.js';
import {
  type LabelledData,
  type LabelledSource,
  labelledSource,
  type LoadedSamples,
  rangeOf,
  trainedOutputs,
} from './labelled-data.js';
import { epochOrder, partOfPasses } from './shuffle.js';
import type { BatchSource, TrainingPart } from './train-epoch.js';

/**
 * With stepsPerEpoch, an epoch's order is made in parts of at most this many samples, or of one pass if that
 * is larger.
 */
const PART_SAMPLES = 2 ** 20;

/**
 * Batches of samples that are all in the engine's memory. Without batch callbacks, a whole epoch is one part.
 */
export class ArraySource implements BatchSource {
  readonly #samples: LoadedSamples;
  readonly #settings: ArrayFitSettings;

  constructor(samples: LoadedSamples, settings: ArrayFitSettings) {
    this.#samples = samples;
    this.#settings = settings;
  }

  get samples(): number {
    return this.#samples.count;
  }

  get batchSize(): number {
    return this.#settings.batchSize;
  }

  get steps(): number {
    return this.#settings.stepsPerEpoch ?? Math.ceil(this.samples / this.batchSize);
  }

  async begin(): Promise<boolean> {
    return true;
  }

  *parts(epoch: number, byBatch: boolean, done: number): Generator<TrainingPart, void, void> {
    const part = { samples: this.#samples, batchSize: this.batchSize, isBatch: byBatch };
    for (const order of this.#orders(epoch, done)) {
      const length = byBatch ? this.batchSize : order.length;
      for (let start = 0; start < order.length; start += length)
        yield { ...part, order: order.subarray(start, start + length) };
    }
  }

  readonly place = null;

  resumeAt(): void {}

  end(): boolean {
    return true;
  }

  close(): void {
    this.#samples.dispose();
  }

  /** The order of an epoch's samples, without its first `done` batches, in parts of whole batches. */
  *#orders(epoch: number, done: number): Generator<Uint32Array, void, void> {
    const { seed, shuffle, stepsPerEpoch, batchSize } = this.#settings;
    const { count } = this.#samples;
    if (stepsPerEpoch === undefined) {
      yield epochOrder(count, seed, epoch, shuffle).subarray(done * batchSize);
      return;
    }
    const steps = Math.max(1, Math.floor(Math.max(count, PART_SAMPLES) / batchSize));
    for (let step = done; step < stepsPerEpoch; step += steps) {
      const start = (epoch * stepsPerEpoch + step) * batchSize;
      const length = Math.min(steps, stepsPerEpoch - step) * batchSize;
      yield partOfPasses(count, seed, { start, length, shuffle });
    }
  }
}

/**
 * Splits the data of a fit into training and validation samples. Throws INVALID_ARGUMENT if validationSplit
 * leaves either part empty.
 */
export function splitForFit(
  model: Model,
  x: DataLike,
  y: DataLike,
  settings: ArrayFitSettings,
): { training: LabelledSource; validation?: LabelledSource } {
  const { sampleWeight, classWeight } = settings;
  const all = labelledSource(model, { x, y, sampleWeight });
  const withClassWeights = (source: LabelledSource) =>
    classWeight === undefined
      ? source
      : applyClassWeights(source, classWeight, trainedOutputs(model, source.x));
  if (settings.validationData) {
    const [validationX, validationY, validationWeight] = settings.validationData;
    const data: LabelledData = { x: validationX, y: validationY, sampleWeight: validationWeight };
    const names = ['validationData[0]', 'validationData[1]'] as const;
    return { training: withClassWeights(all), validation: labelledSource(model, data, names) };
  }
  if (settings.validationSplit === 0) return { training: withClassWeights(all) };
  const { count } = all;
  const first = Math.floor(count * (1 - settings.validationSplit));
  if (first === 0 || first === count) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `fit: validationSplit ${settings.validationSplit} of ${count} samples leaves ${first} for training and ${count - first} for validation; each needs one or more.`,
    );
  }
  return { training: withClassWeights(rangeOf(all, 0, first)), validation: rangeOf(all, first, count) };
}
