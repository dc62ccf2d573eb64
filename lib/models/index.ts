export { LayersModel, type ModelPort, type Signature } from './layers-model.js';
export { Functional, type InputOptions, input, type ModelOptions, model } from './functional.js';
export { type ModelConfig, modelFromConfig } from './from-config.js';
export { modelFromJSON } from './model-from-json.js';
export { NestedModel } from './nested-model.js';
export { Sequential, type SequentialOptions, sequential } from './sequential.js';
export type { ExplainOptions, Explanation, MeasuredPass, NodeExplanation } from './explain.js';
export { formatExplanation } from './format-explanation.js';
