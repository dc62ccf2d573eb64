export { LayersModel } from './layers-model.js';
export type { ModelPort, Signature } from './model-ports.js';
export { Functional, type InputOptions, input, type ModelOptions, model } from './functional.js';
export { type ModelConfig, modelFromConfig } from './from-config.js';
export { ModelGraph } from './model-graph.js';
export { type Metadata, ModelMetadata } from './model-metadata.js';
export { modelFromJSON } from './model-from-json.js';
export { NestedModel } from './nested-model.js';
export type { Json } from './plain-json.js';
export { Sequential, type SequentialConfig, type SequentialOptions, sequential } from './sequential.js';
export type {
  ExplainOptions,
  Explanation,
  MeasuredPass,
  NodeExplanation,
  ProfileExplanation,
  TotalMemory,
} from './explain.js';
export type { PrintLine } from './summary.js';
export type {
  DeclinedAlgorithm,
  MemoryExplanation,
  PassExplanation,
  RunMode,
} from '../program/explanation.js';
export { formatExplanation } from './format-explanation.js';
