export { LayersModel, type Signature } from './layers-model.js';
export { Sequential, type SequentialOptions, sequential } from './sequential.js';
export type { ExplainOptions, Explanation, MeasuredPass, NodeExplanation } from './explain.js';
export { formatExplanation } from './format-explanation.js';
