/** What is told how a training goes and may act on it: `fit(x, y, {callbacks})`. */
export * as callbacks from './callbacks/index.js';
export { Callback, CustomCallback, History } from './callbacks/index.js';
/** What weights are brought to after each update: `kernelConstraint` and the like. */
export * as constraints from './constraints/index.js';
/** Datasets that are read while a model trains: `fitDataset`. */
export * as data from './data/index.js';
/** Well-known labelled images, fetched if need be, and IDX files. */
export * as datasets from './datasets/index.js';
export { ConvforgeError, type ConvforgeErrorOptions, type ErrorCode } from './errors.js';
/** First values of weights: `kernelInitializer` and the like. */
export * as initializers from './initializers/index.js';
/** Where models are loaded from and saved to besides folders, and what they consist of there. */
export * as io from './io/namespace.js';
export type { SaveOptions } from './io/index.js';
export { type LoadOptions, loadLayersModel } from './models/load-layers-model.js';
/** Layers, each as a function (`layers.conv2d(options)`) and as its class. Shapes in their texts leave the batch out. */
export * as layers from './layers/index.js';
/** What training makes less: `compile({loss})`. p stands for outputs, t for targets; the loss of a batch is the mean over its samples. */
export * as losses from './losses/index.js';
export { Reduction } from './losses/reduction.js';
/** Measures beside the loss: `compile({metrics})`. p stands for outputs, t for targets; each is exact over an epoch. */
export * as metrics from './metrics/index.js';
/** Models: layers joined in a chain or a graph, compiled, trained, used and saved. */
export * as models from './models/index.js';
export {
  type ExplainOptions,
  type Explanation,
  formatExplanation,
  Functional,
  type InputOptions,
  input,
  type Json,
  LayersModel,
  type Metadata,
  type ModelOptions,
  model,
  Sequential,
  type SequentialOptions,
  sequential,
} from './models/index.js';
/** What TF.js's Node package has under `node`, as far as it is here. */
export * as node from './node/index.js';
/** Operations on images and tensors at once, without a model. */
export * as ops from './ops/index.js';
export {
  avgPool,
  conv2d,
  dot,
  logSoftmax,
  matMul,
  maxPool,
  relu,
  sigmoid,
  softmax,
  sumPool,
  tanh,
} from './ops/index.js';
/** Operations on images under TF.js's names. */
export * as image from './ops/image.js';
/** Operations under the name that TF.js has them by. */
export * as math from './ops/math.js';
/** How weights follow their gradients: `compile({optimizer})`. */
export * as optimizers from './optimizers/index.js';
/** What weights cost, added to the loss: `kernelRegularizer` and the like. */
export * as regularizers from './regularizers/index.js';
/** Charts and pages about a training, as SVG and HTML. */
export * as report from './report/index.js';
/** Optimizers with positional arguments, as TF.js has them; null means the default. See {@link optimizers} for all options. */
export * as train from './optimizers/train.js';
export { type EngineName, getEngine, ready, setEngine } from './program/current-engine.js';
export { engineInfo, setThreads } from './program/native-engine.js';
export type { EngineInfo } from './program/addon.js';
export type { Serialized } from './serialized.js';
export { setSeed } from './random/index.js';
export * from './tensor/index.js';
export type { SampleShape } from './layers/shapes.js';
export {
  type ApplyOptions,
  type InputTensor,
  type PipeStep,
  SymbolicTensor,
} from './layers/symbolic-tensor.js';
export type { LayerEntry } from './network/saved-config.js';
export type { Spelled } from './spelling.js';
export type { Shaped } from './shape-types/index.js';
export type { CompileOptions, Metrics } from './network/compile.js';
export type { BatchGradients } from './training/gradients.js';
export type { Listed, PendingTensors } from './tensor/pending-tensor.js';
export type { InputGradients, InputGradientsOptions, LayerGradient } from './training/input-gradients.js';
export type { DataLike } from './network/ports.js';
export type { ByOutput, ClassWeight, DatasetClassWeight, WeightByClass } from './training/class-weights.js';
export type { SampleWeight } from './training/sample-weights.js';
export type { LabelledBatch, UnlabelledBatch } from './training/batch-reader.js';
export type { PredictDatasetOptions, PredictOptions } from './training/predict.js';
export type { EvaluateDatasetOptions, EvaluateOptions } from './training/evaluate.js';
export type { FitDatasetOptions, FitOptions, ValidationData } from './training/fit-options.js';
export type { CustomMetric, CustomMetrics } from './training/custom-metrics.js';
export type {
  EpochBeginEvent,
  EpochEndEvent,
  FitEvent,
  NonFiniteEvent,
  ProgressEvent,
  TrainBeginEvent,
  TrainEndEvent,
} from './training/fit-stream.js';
export type { Logs } from './callbacks/callback.js';
export type { RunOptions, Verbosity, YieldEvery } from './network/run-options.js';
/** Small helpers under TF.js's names. */
export * as util from './util/index.js';
export { nextFrame } from './util/next-frame.js';
