import type { Model } from '../network/model.js';
import { OptionChecks } from '../options.js';
import { mapPending, PendingTensors } from '../tensor/pending-tensor.js';
import { sampleShapes, withSamples } from '../program/samples.js';
import { PendingTensor } from '../tensor/index.js';
import { inputSources } from './labelled-data.js';
import type { DataLike } from '../network/ports.js';
import { type RunOptions, readBatchSize, readVerbosity, type Verbosity } from '../network/run-options.js';
import { readSignal } from '../aborts.js';

/** Options of {@link LayersModel.predict}. */
export interface PredictOptions extends RunOptions {
  /** 1, 2 and true print a line when all is computed. Default 0. */
  verbose?: Verbosity | boolean;
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
  const inputShapes = sampleShapes(sources);
  const ports = model.outputsFor(inputShapes);
  const { state } = model;
  const pending = withSamples(state.engine, sources, (x) =>
    state.programFor(inputShapes).predict({ x, batchSize, seed: state.runSeed(), signal }),
  );
  if (verbose > 0) printWhenDone(sources[0].count, pending.promise);
  const outputs = ports.map(({ shape }, i) => {
    return PendingTensor.from(
      mapPending(pending, (values) => values[i]),
      [sources[0].count, ...shape],
    );
  });
  return outputs.length === 1 ? outputs[0] : new PendingTensors(outputs);
}

function printWhenDone(samples: number, done: Promise<unknown>): void {
  // An error reaches whoever asked for the outputs.
  done.then(
    () => printPredicted(samples),
    () => undefined,
  );
}

export function printPredicted(samples: number): void {
  process.stdout.write(
    `Predicted  ${samples.toLocaleString('en-US')} ${samples === 1 ? 'sample' : 'samples'}\n`,
  );
}
