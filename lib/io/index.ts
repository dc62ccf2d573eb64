export { loadLayersModel } from './load-layers-model.js';
export { type SaveOptions, saveModel } from './save-model.js';
