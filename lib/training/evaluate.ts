import { formatLogs } from '../callbacks/format.js';
import type { LayersModel } from '../models/layers-model.js';
import { OptionChecks } from '../options.js';
import type { Pending, Totals } from '../program/engine.js';
import { withSamples } from '../program/samples.js';
import { PendingTensor, type TensorLike } from '../tensor/index.js';
import { labelledSource } from './fit-data.js';
import { toLogs, toScores } from './logs.js';
import { PendingScores } from './pending-scores.js';
import { type RunOptions, readBatchSize, readSignal, readVerbosity, type Verbosity } from './run-options.js';

export interface EvaluateOptions extends RunOptions {
  /** 1 and 2 print a line with the results. Default 0. */
  verbose?: Verbosity;
}

/** Loss and metrics of `model` over data: see LayersModel.evaluate. */
export function evaluate(
  model: LayersModel,
  x: TensorLike,
  y: TensorLike,
  options: EvaluateOptions = {},
): PendingTensor | PendingScores {
  const checks = new OptionChecks('evaluate');
  checks.keys(options, ['batchSize', 'verbose', 'signal']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const verbose = readVerbosity(checks, options.verbose, 0);
  const { state } = model;
  const source = labelledSource(model, x, y);
  const pending = withSamples(state.engine, [source.x, source.y], (samples, targets) =>
    state.start((program) => program.evaluate({ x: samples, y: targets, batchSize, signal })),
  );
  if (verbose > 0) printWhenDone(model, pending);
  const scores = [0, ...model.compiled.metrics].map((_, i) => pendingScore(pending, i));
  return scores.length === 1 ? scores[0] : new PendingScores(scores);
}

function pendingScore(pending: Pending<Totals>, index: number): PendingTensor {
  const pick = (totals: Totals) => Float32Array.of(toScores(totals)[index]);
  return PendingTensor.from({ promise: pending.promise.then(pick), wait: () => pick(pending.wait()) }, []);
}

function printWhenDone(model: LayersModel, pending: Pending<Totals>): void {
  const print = (totals: Totals) => {
    const parts = formatLogs(toLogs(totals, model.compiled.metrics));
    process.stdout.write(`Evaluated  ${parts.join('  ')}\n`);
  };
  // An error reaches whoever asked for the results.
  pending.promise.then(print, () => undefined);
}
