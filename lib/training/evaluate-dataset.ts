import { formatLogs } from '../callbacks/format.js';
import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import { throwIfAborted } from '../aborts.js';
import { nthSeed } from '../random/index.js';
import { type Tensor, tensor } from '../tensor/index.js';
import { BatchReader, type LabelledBatch } from './batch-reader.js';
import { type EvaluateDatasetOptions, readEvaluateDatasetOptions } from './dataset-options.js';
import type { LoadedSamples } from './labelled-data.js';
import { addTotals, toLogs, toScores } from './logs.js';

/** Loss and metrics of `model` over the batches of a dataset: see LayersModel.evaluateDataset. */
export async function evaluateDataset(
  model: Model,
  dataset: AsyncIterable<LabelledBatch>,
  options: EvaluateDatasetOptions = {},
): Promise<Tensor | Tensor[]> {
  const { batches, verbose, signal } = readEvaluateDatasetOptions(dataset, options);
  throwIfAborted(signal);
  const { compiled } = model;
  const reader = new BatchReader(model, dataset, 0, { signal });
  const totals = await evaluateBatches(model, reader, { most: batches, signal }).finally(() =>
    reader.close(),
  );
  if (verbose > 0) process.stdout.write(`Evaluated  ${formatLogs(toLogs(totals, compiled)).join('  ')}\n`);
  const scores = toScores(totals, compiled).map((score) => tensor(score, []));
  return scores.length === 1 ? scores[0] : scores;
}

/** Of an evaluation batch by batch. */
interface BatchesRun {
  /** Batches at most. */
  most: number;
  /** Seeds what draws outside training too. Default: by the global generator. */
  seed?: number;
  signal?: AbortSignal;
  /** Given each batch before it is computed. */
  look?: (batch: LoadedSamples) => Promise<void>;
  /** Given each batch's number, from 0, the batch and its totals. */
  afterBatch?: (batch: number, samples: LoadedSamples, totals: Totals) => Promise<void>;
}

/** The totals of some batches; the next one is read while one is computed. */
export async function evaluateBatches(
  model: Model,
  reader: BatchReader,
  { most, seed: runSeed, signal, look, afterBatch }: BatchesRun,
): Promise<Totals> {
  let sum: Totals | undefined;
  for (let batch = 0; batch < most; batch++) {
    const samples = await reader.next();
    if (!samples) break;
    const { x, y, sampleWeights, count } = samples;
    try {
      await look?.(samples);
      const run = { x, y, sampleWeights, batchSize: count, signal };
      const program = model.state.programFor(sampleShapes(x));
      const seed = runSeed === undefined ? model.state.runSeed() : nthSeed(runSeed, batch);
      const pending = program.evaluate({ ...run, seed });
      if (batch + 1 < most) reader.readAhead();
      const totals = await pending.promise;
      await afterBatch?.(batch, samples, totals);
      sum = sum ? addTotals(sum, totals) : totals;
    } finally {
      samples.dispose();
    }
  }
  if (sum) return sum;
  throw new ConvforgeError('INVALID_ARGUMENT', 'The dataset to evaluate on gave no batches.');
}
