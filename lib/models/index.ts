export { LayersModel, type Signature } from './layers-model.js';
export { Sequential, type SequentialOptions, sequential } from './sequential.js';
