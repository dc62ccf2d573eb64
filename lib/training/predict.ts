import type { LayersModel } from '../models/layers-model.js';
import { OptionChecks } from '../options.js';
import { withSamples } from '../program/samples.js';
import { PendingTensor } from '../tensor/index.js';
import { inputSources } from './labelled-data.js';
import { PendingTensors } from './pending-tensors.js';
import type { DataLike } from './ports.js';
import { type RunOptions, readBatchSize, readSignal } from './run-options.js';

/** Options of {@link LayersModel.predict}. */
export type PredictOptions = RunOptions;

/** Outputs of `model` for all samples: see LayersModel.predict. */
export function predict(
  model: LayersModel,
  x: DataLike,
  options: PredictOptions = {},
): PendingTensor | PendingTensors {
  const checks = new OptionChecks('predict');
  checks.keys(options, ['batchSize', 'signal']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const sources = inputSources(model, x, 'x');
  const { state } = model;
  const pending = withSamples(state.engine, sources, (samples) =>
    state.start((program) => program.predict({ x: samples, batchSize, signal })),
  );
  const outputs = model.signature.outputs.map(({ shape }, i) => {
    const pick = (values: readonly Float32Array[]) => values[i];
    const own = { promise: pending.promise.then(pick), wait: () => pick(pending.wait()) };
    return PendingTensor.from(own, [sources[0].count, ...shape]);
  });
  return outputs.length === 1 ? outputs[0] : new PendingTensors(outputs);
}
