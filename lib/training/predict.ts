import type { LayersModel } from '../models/layers-model.js';
import { OptionChecks } from '../options.js';
import { withSamples } from '../program/samples.js';
import { PendingTensor, type TensorLike } from '../tensor/index.js';
import { inputSource } from './inputs.js';
import { type RunOptions, readBatchSize, readSignal } from './run-options.js';

export type PredictOptions = RunOptions;

/** Outputs of `model` for all samples: see LayersModel.predict. */
export function predict(model: LayersModel, x: TensorLike, options: PredictOptions = {}): PendingTensor {
  const checks = new OptionChecks('predict');
  checks.keys(options, ['batchSize', 'signal']);
  const batchSize = readBatchSize(checks, options.batchSize);
  const signal = readSignal(checks, options.signal);
  const source = inputSource(x, model.signature.input, 'x');
  const { state } = model;
  const pending = withSamples(state.engine, [source], (samples) =>
    state.start((program) => program.predict({ x: samples, batchSize, signal })),
  );
  return PendingTensor.from(pending, [source.count, ...model.signature.output]);
}
