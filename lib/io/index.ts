export type { IOHandler, SaveResult } from './artifacts.js';
export { type LoadOptions, loadLayersModel } from './load-layers-model.js';
export { loadWithoutWeights } from './load-without-weights.js';
export { type SaveOptions, saveModel } from './save-model.js';
