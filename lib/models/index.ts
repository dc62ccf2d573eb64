export { LayersModel } from './layers-model.js';
export type { ModelPort, Signature } from '../network/ports.js';
export { Functional, type InputOptions, input, type ModelOptions, model } from './functional.js';
export { modelFromConfig, modelFromJSON } from './from-config.js';
export type { ModelConfig } from '../network/saved-config.js';
export type { Model } from '../network/model.js';
export { ModelGraph } from '../network/model-graph.js';
export { type Json, type Metadata, ModelMetadata } from '../network/model-metadata.js';
export { NestedModel } from './nested-model.js';
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
