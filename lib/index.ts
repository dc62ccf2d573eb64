export * as callbacks from './callbacks/index.js';
export { Callback, CustomCallback, History } from './callbacks/index.js';
export * as constraints from './constraints/index.js';
export * as data from './data/index.js';
export * as datasets from './datasets/index.js';
export { ConvforgeError, type ConvforgeErrorOptions, type ErrorCode } from './errors.js';
export * as initializers from './initializers/index.js';
export { loadLayersModel, type SaveOptions } from './io/index.js';
export * as layers from './layers/index.js';
export * as losses from './losses/index.js';
export * as metrics from './metrics/index.js';
export * as models from './models/index.js';
export {
  type ExplainOptions,
  type Explanation,
  formatExplanation,
  Functional,
  type InputOptions,
  input,
  LayersModel,
  type ModelOptions,
  model,
  Sequential,
  type SequentialOptions,
  sequential,
} from './models/index.js';
export * as ops from './ops/index.js';
export { avgPool, conv2d, maxPool, relu, sigmoid, softmax, sumPool, tanh } from './ops/index.js';
export * as optimizers from './optimizers/index.js';
export * as regularizers from './regularizers/index.js';
export * as report from './report/index.js';
export * as train from './optimizers/train.js';
export { type EngineName, getEngine, setEngine } from './program/current-engine.js';
export { engineInfo, type EngineInfo, setThreads } from './program/native-engine.js';
export { setSeed } from './random/index.js';
export * from './tensor/index.js';
export { type PipeStep, SymbolicTensor } from './layers/symbolic-tensor.js';
export type { InputTensor, Shaped } from './shape-types/index.js';
export type { CompileOptions } from './training/compile.js';
export type { BatchGradients } from './training/gradients.js';
export type { PendingTensors } from './training/pending-tensors.js';
export type { DataLike } from './training/ports.js';
export type { ClassWeight, SampleWeight } from './training/sample-weights.js';
export type { LabelledBatch } from './training/batch-reader.js';
export type { EvaluateDatasetOptions, FitDatasetOptions } from './training/dataset-options.js';
export type { EvaluateOptions } from './training/evaluate.js';
export type { CustomMetric, CustomMetrics } from './training/custom-metrics.js';
export type { FitOptions } from './training/fit-options.js';
export type { FitEvent } from './training/fit-stream.js';
export type { Logs } from './training/logs.js';
export type { PredictOptions } from './training/predict.js';
export * as util from './util/index.js';
