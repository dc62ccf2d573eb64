import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import { throwIfAborted } from '../aborts.js';
import { concat, type Tensor } from '../tensor/index.js';
import { BatchReader, type UnlabelledBatch } from './batch-reader.js';
import { predictSamples } from './custom-metrics.js';
import { type PredictDatasetOptions, readPredictDatasetOptions } from './dataset-options.js';
import { printPredicted } from './predict.js';

/** Outputs of `model` for the batches of a dataset: see LayersModel.predictDataset. */
export async function predictDataset(
  model: Model,
  dataset: AsyncIterable<UnlabelledBatch>,
  options: PredictDatasetOptions = {},
): Promise<Tensor | Tensor[]> {
  const { batches, verbose, signal } = readPredictDatasetOptions(dataset, options);
  throwIfAborted(signal);
  const parts = await predictBatches(model, dataset, batches, signal);
  const outputs = parts[0].map((_, i) => concat(parts.map((part) => part[i])));
  if (verbose > 0) printPredicted(outputs[0].shape[0]);
  return outputs.length === 1 ? outputs[0] : outputs;
}

/** By batch, the outputs; the next batch is read while one is computed. */
async function predictBatches(
  model: Model,
  dataset: AsyncIterable<UnlabelledBatch>,
  most: number,
  signal: AbortSignal | undefined,
): Promise<Tensor[][]> {
  const reader = new BatchReader(model, dataset, 0, { signal, unlabelled: true });
  const parts: Tensor[][] = [];
  try {
    while (parts.length < most) {
      const samples = await reader.next();
      if (!samples) break;
      try {
        const predicting = predictSamples(model, samples, { batchSize: samples.count, signal });
        if (parts.length + 1 < most) reader.readAhead();
        parts.push(await predicting);
      } finally {
        samples.dispose();
      }
    }
  } finally {
    reader.close();
  }
  if (parts.length > 0) return parts;
  throw new ConvforgeError('INVALID_ARGUMENT', 'predictDataset: the dataset gave no batches.');
}
