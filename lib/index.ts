/** Architectures that are trained anew: `applications.lenet({ inputShape, classes })` and others. */
export * as applications from './applications/index.js';
/** Functions that follow a training and may act on it: `fit(x, y, {callbacks})`. */
export * as callbacks from './callbacks/index.js';
export { Callback, CustomCallback, History } from './callbacks/index.js';
/** Conditions that weights are brought to after each update: `kernelConstraint` and the like. */
export * as constraints from './constraints/index.js';
/** Datasets that are read while a model trains, for `fitDataset`. */
export * as data from './data/index.js';
/** Well-known labelled images, downloaded if necessary, and IDX files. */
export * as datasets from './datasets/index.js';
/** Trainings that several processes share: `fit(x, y, {distribute})`. */
export * as distribute from './distribute/index.js';
export { ConvforgeError, type ConvforgeErrorOptions, type ErrorCode } from './errors.js';
/** The initial values of weights: `kernelInitializer` and the like. */
export * as initializers from './initializers/index.js';
/** Handlers that load and save models elsewhere than in folders, and the format of their artifacts. */
export * as io from './io/namespace.js';
export type { SaveOptions } from './io/save-model.js';
export { type LoadOptions, loadLayersModel } from './models/load-layers-model.js';
export { loadGraphModel } from './models/load-graph-model.js';
export { type LoadModelOptions, loadModel } from './models/load-model.js';
export type { LoadWeightsOptions } from './models/load-weights.js';
export { GraphModel, type GraphTensorInfo } from './models/graph-model.js';
/**
 * Layers, each as a function (`layers.conv2d(options)`) and as a class. Shapes in their texts leave out the
 * batch axis.
 */
export * as layers from './layers/index.js';
/**
 * The functions that training minimizes: `compile({loss})`. p stands for outputs, t for targets. The loss of
 * a batch is the mean over its samples.
 */
export * as losses from './losses/index.js';
export { Reduction } from './losses/reduction.js';
/**
 * Measures beside the loss: `compile({metrics})`. p stands for outputs, t for targets. Each is exact over an
 * epoch.
 */
export * as metrics from './metrics/index.js';
/** Models: chains or graphs of layers that are compiled, trained, used and saved. */
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
/** The functions of TF.js's `node` that convforge has. */
export * as node from './node/index.js';
/** Operations on images and tensors without a model. */
export * as ops from './ops/index.js';
export {
  avgPool,
  conv2d,
  depthToSpace,
  dot,
  elu,
  erf,
  leakyRelu,
  localResponseNormalization,
  logSoftmax,
  matMul,
  maxPool,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  sumPool,
  tanh,
} from './ops/index.js';
/** Operations on images under TF.js's names. */
export * as image from './ops/image.js';
/** Operations that TF.js has under `math`. */
export * as math from './ops/math.js';
/** The rules by which weights are updated: `compile({optimizer})`. */
export * as optimizers from './optimizers/index.js';
/** Penalties on weights that are added to the loss: `kernelRegularizer` and the like. */
export * as regularizers from './regularizers/index.js';
/** Charts and pages about a training, as SVG and HTML. */
export * as report from './report/index.js';
/**
 * Optimizers with TF.js's positional arguments; null means the default. See {@link optimizers} for all
 * options.
 */
export * as train from './optimizers/train.js';
export { type EngineName, getEngine, ready, setEngine } from './program/current-engine.js';
export { engineInfo, setMemoryBudget, setThreads } from './program/native-engine.js';
export type { EngineInfo } from './program/addon.js';
export type { Serialized } from './serialized.js';
export {
  createPredictor,
  type Latencies,
  type Predictor,
  type PredictorOptions,
  type PredictorRequestOptions,
  type PredictorStats,
} from './serving/index.js';
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
export type { BatchGradients } from './training/single-batch.js';
export type { Listed, PendingTensors } from './tensor/pending-tensor.js';
export type { InputGradients, InputGradientsOptions, LayerGradient } from './training/input-gradients.js';
export type { DataLike } from './network/ports.js';
export type { ByOutput, ClassWeight, DatasetClassWeight, WeightByClass } from './training/class-weights.js';
export type { SampleWeight } from './training/sample-weights.js';
export type { LabelledBatch, UnlabelledBatch } from './training/batch-reader.js';
export type { PredictDatasetOptions, PredictOptions } from './training/predict.js';
export type { EvaluateDatasetOptions, EvaluateOptions } from './training/evaluate.js';
export type { CheckpointOptions } from './training/checkpoint-options.js';
export type { FitDatasetOptions, FitOptions, ValidationData } from './training/fit-options.js';
export type { FitReportOptions, LiveOptions } from './training/observer.js';
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
/** Helper functions under TF.js's names. */
export * as util from './util/index.js';
export { nextFrame } from './util/next-frame.js';
