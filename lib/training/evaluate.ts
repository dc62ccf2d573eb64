import { formatLogs } from '../callbacks/format.js';
import type { Model } from '../network/model.js';
import { OptionChecks } from '../options.js';
import type { Totals } from '../program/engine.js';
import { mapPending, type Pending, PendingTensors } from '../tensor/pending-tensor.js';
import { sampleShapes } from '../program/samples.js';
import { PendingTensor } from '../tensor/index.js';
import type { Compiled } from '../network/compile.js';
import { labelledSource, rangeOf, withLabelledSamples } from './labelled-data.js';
import { logKeys, toLogs, toScores } from './logs.js';
import type { DataLike } from '../network/ports.js';
import type { SampleWeight } from './sample-weights.js';
import { type RunOptions, readBatchSize, readVerbosity, type Verbosity } from '../network/run-options.js';
import { readSignal } from '../aborts.js';

/** Options of {@link LayersModel.evaluate}. */
export interface EvaluateOptions extends RunOptions {
  /** 1 and 2 print a line with the results. Default 0. */
  verbose?: Verbosity;
  /**
   * What each sample counts in the loss, [n], or each row of the output, such as each pixel: [n, height, width]; for several outputs a
   * list, or by the outputs' names.
   */
  sampleWeight?: SampleWeight;
  /** Batches that are evaluated, from the first on. Default: all. */
  steps?: number;
}

/** Loss and metrics of `model` over data: see LayersModel.evaluate. */
export function evaluate(
  model: Model,
  x: DataLike,
  y: DataLike,
  options: EvaluateOptions = {},
): PendingTensor | PendingTensors {
  const checks = new OptionChecks('evaluate');
  checks.keys(options, ['batchSize', 'verbose', 'signal', 'sampleWeight', 'steps']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const verbose = readVerbosity(checks, options.verbose, 0);
  const { state, compiled } = model;
  const all = labelledSource(model, { x, y, sampleWeight: options.sampleWeight });
  const steps = options.steps == null ? Number.POSITIVE_INFINITY : checks.whole('steps', options.steps, 1);
  const source = rangeOf(all, 0, Math.min(all.count, steps * batchSize));
  const pending = withLabelledSamples(state.engine, source, (sets) =>
    state.programFor(sampleShapes(source.x)).evaluate({ ...sets, batchSize, seed: state.runSeed(), signal }),
  );
  if (verbose > 0) printWhenDone(model, pending);
  const scores = logKeys(compiled).map((_, i) => pendingScore(pending, compiled, i));
  return scores.length === 1 ? scores[0] : new PendingTensors(scores);
}

function pendingScore(pending: Pending<Totals>, compiled: Compiled, index: number): PendingTensor {
  const score = (totals: Totals) => Float32Array.of(toScores(totals, compiled)[index]);
  return PendingTensor.from(mapPending(pending, score), []);
}

function printWhenDone(model: Model, pending: Pending<Totals>): void {
  const print = (totals: Totals) => {
    const parts = formatLogs(toLogs(totals, model.compiled));
    process.stdout.write(`Evaluated  ${parts.join('  ')}\n`);
  };
  // An error reaches whoever asked for the results.
  pending.promise.then(print, () => undefined);
}
