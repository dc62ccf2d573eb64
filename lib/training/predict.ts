import { readSignal, throwIfAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import { type RunOptions, readBatchSize, readVerbosity, type Verbosity } from '../network/run-options.js';
import { OptionChecks } from '../options.js';
import type { PredictRun, Samples } from '../program/engine.js';
import { copySamples, sampleShapes } from '../program/samples.js';
import { concat, PendingTensor, Tensor } from '../tensor/index.js';
import { mapPending, type Pending, PendingTensors } from '../tensor/pending-tensor.js';
import { BatchReader, type UnlabelledBatch } from './batch-reader.js';
import { untilPrepared, whenPrepared } from './prepared.js';
import { readPassOptions } from './read-fit-options.js';
import { inputSources } from './labelled-data.js';

/** Options of {@link LayersModel.predict}. */
export interface PredictOptions extends RunOptions {
  /** 1, 2 and true print one line at the end. Default 0. */
  verbose?: Verbosity | boolean;
}

/** Options of {@link LayersModel.predictDataset}. */
export interface PredictDatasetOptions {
  /** Number of batches to predict. Default: all. */
  batches?: number;
  /** 1 and 2 print one line at the end. Default 0. */
  verbose?: Verbosity;
  /** Aborts the prediction with the code ABORTED, even while it waits for the dataset. */
  signal?: AbortSignal;
}

/** Outputs of `model` for all samples: see LayersModel.predict. */
export function predict(
  model: Model,
  x: DataLike,
  options: PredictOptions = {},
): PendingTensor | PendingTensors {
  const checks = new OptionChecks('predict');
  checks.keys(options, ['batchSize', 'signal', 'verbose']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const verbose = readVerbosity(
    checks,
    typeof options.verbose === 'boolean' ? Number(options.verbose) : options.verbose,
    0,
  );
  const sources = inputSources(model, x, 'x');
  const [{ count }] = sources;
  const ports = model.outputsFor(sampleShapes(sources));
  const samples = copySamples(model.state.engine, sources);
  const pending = whenPrepared(model.state, sampleShapes(samples), samples, signal, () =>
    startPrediction(model, { x: samples, batchSize, signal }),
  );
  // Whoever awaits the outputs gets the error.
  if (verbose > 0) {
    pending.promise.then(
      () => printPredicted(count),
      () => undefined,
    );
  }
  const outputs = ports.map(({ shape }, i) => {
    return PendingTensor.from(
      mapPending(pending, (values) => values[i]),
      [count, ...shape],
    );
  });
  return outputs.length === 1 ? outputs[0] : new PendingTensors(outputs);
}

/** Outputs of `model` for the batches of a dataset: see LayersModel.predictDataset. */
export async function predictDataset(
  model: Model,
  dataset: AsyncIterable<UnlabelledBatch>,
  options: PredictDatasetOptions = {},
): Promise<Tensor | Tensor[]> {
  const { batches, verbose, signal } = readPassOptions('predictDataset', dataset, options);
  throwIfAborted(signal);
  const parts = await predictBatches(model, dataset, batches, signal);
  const outputs = parts[0].map((_, i) => concat(parts.map((part) => part[i])));
  if (verbose > 0) printPredicted(outputs[0].shape[0]);
  return outputs.length === 1 ? outputs[0] : outputs;
}

/**
 * Predicts batch by batch, and reads the next batch while one is computed. Returns the outputs of each batch.
 */
async function predictBatches(
  model: Model,
  dataset: AsyncIterable<UnlabelledBatch>,
  maxBatches: number,
  signal: AbortSignal | undefined,
): Promise<Tensor[][]> {
  const reader = new BatchReader(model, dataset, 0, { signal, unlabelled: true });
  const parts: Tensor[][] = [];
  try {
    while (parts.length < maxBatches) {
      const samples = await reader.next();
      if (!samples) break;
      try {
        const predicting = predictSamples(model, samples, { signal });
        if (parts.length + 1 < maxBatches) reader.readAhead();
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

/** Predictions for samples, one tensor for each output. The seed defaults to the global generator's. */
export async function predictSamples(
  model: Model,
  { x, count, batchSize }: { x: readonly Samples[]; count: number; batchSize: number },
  options: Pick<PredictRun, 'seed' | 'signal'>,
): Promise<Tensor[]> {
  const preparing = untilPrepared(model.state, sampleShapes(x), options.signal);
  if (preparing) await preparing;
  const values = await startPrediction(model, { x, batchSize, ...options }).promise;
  return model
    .outputsFor(sampleShapes(x))
    .map(({ shape }, i) => new Tensor(values[i], [count, ...shape], 'float32'));
}

function startPrediction({ state }: Model, run: PredictRun): Pending<Float32Array[]> {
  const program = state.programFor(sampleShapes(run.x));
  return program.predict({ ...run, seed: run.seed ?? state.runSeed() });
}

function printPredicted(samples: number): void {
  process.stdout.write(
    `Predicted  ${samples.toLocaleString('en-US')} ${samples === 1 ? 'sample' : 'samples'}\n`,
  );
}
