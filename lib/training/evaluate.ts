import { readSignal, throwIfAborted } from '../aborts.js';
import { formatLogs } from '../callbacks/format.js';
import type { Distribution } from '../distribute/index.js';
import type { Compiled } from '../network/compile.js';
import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import { type RunOptions, readBatchSize, readVerbosity, type Verbosity } from '../network/run-options.js';
import { OptionChecks } from '../options.js';
import type { Totals } from '../program/engine.js';
import { copySamples, sampleShapes } from '../program/samples.js';
import { PendingTensor, type Tensor, tensor } from '../tensor/index.js';
import { mapPending, type Pending, PendingTensors } from '../tensor/pending-tensor.js';
import { BatchReader, type LabelledBatch } from './batch-reader.js';
import { evaluateAll } from './evaluate-all.js';
import { readDistribution, readPassOptions, readShards } from './read-fit-options.js';
import { asLabelled, type LabelledSource, labelledSource, rangeOf, sourcesOf } from './labelled-data.js';
import { logKeys, toLogs, toScores } from './logs.js';
import { whenPrepared } from './prepared.js';
import type { SampleWeight } from './sample-weights.js';
import { evaluateSamples, evaluateShards } from './sharded-evaluation.js';

/** Options of {@link LayersModel.evaluate}. */
export interface EvaluateOptions extends RunOptions {
  /** 1 and 2 print one line with the results. Default 0. */
  verbose?: Verbosity;
  /**
   * Weights in the loss: one for each sample, [n], or for each row of the output, such as each pixel: [n,
   * height, width]. Several outputs take a list in their order, or an object by their names.
   */
  sampleWeight?: SampleWeight;
  /** Number of batches to evaluate, from the first on. Default: all. */
  steps?: number;
  /**
   * The number of parts of the samples. Each is evaluated in batches of its own, so that the results depend on it in
   * their last bits. Default 1, or with `distribute` the next power of two of the ranks. With more than 1, the
   * results must be awaited.
   */
  shards?: number;
  /**
   * The processes that share the evaluation: `await distribute.mpi()`. Each computes some of the shards, and all get
   * the same results: those of one process with as many shards, bit for bit. All must have the same data and weights.
   */
  distribute?: Distribution;
}

/** Options of {@link LayersModel.evaluateDataset}. */
export interface EvaluateDatasetOptions {
  /** Number of batches to evaluate. Default: all. */
  batches?: number;
  /** 1 and 2 print one line with the results. Default 0. */
  verbose?: Verbosity;
  /** Aborts the evaluation with the code ABORTED, even while it waits for the dataset. */
  signal?: AbortSignal;
}

/** Loss and metrics of `model` over data: see LayersModel.evaluate. */
export function evaluate(
  model: Model,
  x: DataLike,
  y: DataLike,
  options: EvaluateOptions = {},
): PendingTensor | PendingTensors {
  const checks = new OptionChecks('evaluate');
  checks.keys(options, ['batchSize', 'verbose', 'signal', 'sampleWeight', 'steps', 'shards', 'distribute']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const verbose = readVerbosity(checks, options.verbose, 0);
  const distribute = readDistribution(checks, options.distribute);
  const shards = readShards(checks, options.shards, distribute?.ranks ?? 1);
  const { compiled } = model;
  const all = labelledSource(model, { x, y, sampleWeight: options.sampleWeight });
  const steps = options.steps == null ? Number.POSITIVE_INFINITY : checks.whole('steps', options.steps, 1);
  const source = rangeOf(all, 0, Math.min(all.count, steps * batchSize));
  const pending =
    shards > 1
      ? evaluateShards(model, source, { batchSize, shards, distribute, signal })
      : evaluateSource(model, source, batchSize, signal);
  // Whoever awaits the results gets the error.
  if (verbose > 0) {
    pending.promise.then(
      (totals) => printScores(totals, compiled),
      () => undefined,
    );
  }
  const scores = logKeys(compiled).map((_, i) => pendingScore(pending, compiled, i));
  return scores.length === 1 ? scores[0] : new PendingTensors(scores);
}

function evaluateSource(
  model: Model,
  source: LabelledSource,
  batchSize: number,
  signal: AbortSignal | undefined,
): Pending<Totals> {
  const samples = copySamples(model.state.engine, sourcesOf(source));
  const sets = asLabelled(source, samples);
  return whenPrepared(model.state, sampleShapes(sets.x), samples, signal, () =>
    evaluateSamples(model, { ...sets, batchSize, signal }),
  );
}

/** Loss and metrics of `model` over the batches of a dataset: see LayersModel.evaluateDataset. */
export async function evaluateDataset(
  model: Model,
  dataset: AsyncIterable<LabelledBatch>,
  options: EvaluateDatasetOptions = {},
): Promise<Tensor | Tensor[]> {
  const { batches, verbose, signal } = readPassOptions('evaluateDataset', dataset, options);
  throwIfAborted(signal);
  const { compiled } = model;
  const reader = new BatchReader(model, dataset, 0, { signal });
  const totals = await evaluateAll(model, reader, { maxSets: batches, signal }).finally(() => reader.close());
  if (verbose > 0) printScores(totals, compiled);
  const scores = toScores(totals, compiled).map((score) => tensor(score, []));
  return scores.length === 1 ? scores[0] : scores;
}

function pendingScore(pending: Pending<Totals>, compiled: Compiled, index: number): PendingTensor {
  const score = (totals: Totals) => Float32Array.of(toScores(totals, compiled)[index]);
  return PendingTensor.from(mapPending(pending, score), []);
}

function printScores(totals: Totals, compiled: Compiled): void {
  process.stdout.write(`Evaluated  ${formatLogs(toLogs(totals, compiled)).join('  ')}\n`);
}
