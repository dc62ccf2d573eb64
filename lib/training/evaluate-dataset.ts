import { formatLogs } from '../callbacks/format.js';
import { ConvforgeError } from '../errors.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes, throwIfAborted } from '../program/samples.js';
import { type Tensor, tensor } from '../tensor/index.js';
import { BatchReader, type LabelledBatch } from './batch-reader.js';
import { type EvaluateDatasetOptions, readEvaluateDatasetOptions } from './dataset-options.js';
import type { LoadedSamples } from './fit-data.js';
import { addTotals, toLogs, toScores } from './logs.js';

/** Loss and metrics of `model` over the batches of a dataset: see LayersModel.evaluateDataset. */
export async function evaluateDataset(
  model: LayersModel,
  dataset: AsyncIterable<LabelledBatch>,
  options: EvaluateDatasetOptions = {},
): Promise<Tensor | Tensor[]> {
  const { batches, verbose, signal } = readEvaluateDatasetOptions(dataset, options);
  throwIfAborted(signal);
  const { compiled } = model;
  const reader = new BatchReader(model, dataset, 0, { signal });
  const totals = await evaluateBatches(model, reader, batches, signal).finally(() => reader.close());
  if (verbose > 0) process.stdout.write(`Evaluated  ${formatLogs(toLogs(totals, compiled)).join('  ')}\n`);
  const scores = toScores(totals, compiled).map((score) => tensor(score, []));
  return scores.length === 1 ? scores[0] : scores;
}

/** The totals of up to `most` batches; the next one is read while one is computed. `look` is given each batch before that. */
export async function evaluateBatches(
  model: LayersModel,
  reader: BatchReader,
  most: number,
  signal: AbortSignal | undefined,
  look?: (batch: LoadedSamples) => Promise<void>,
): Promise<Totals> {
  let sum: Totals | undefined;
  for (let batch = 0; batch < most; batch++) {
    const samples = await reader.next();
    if (!samples) break;
    const { x, y, sampleWeights, count } = samples;
    try {
      await look?.(samples);
      const run = { x, y, sampleWeights, batchSize: count, signal };
      const pending = model.state.programFor(sampleShapes(x)).evaluate(run);
      if (batch + 1 < most) reader.readAhead();
      const totals = await pending.promise;
      sum = sum ? addTotals(sum, totals) : totals;
    } finally {
      samples.dispose();
    }
  }
  if (sum) return sum;
  throw new ConvforgeError('INVALID_ARGUMENT', 'The dataset to evaluate on gave no batches.');
}
