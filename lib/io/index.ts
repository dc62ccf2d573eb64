export type { IOHandler, SaveResult } from './artifacts.js';
export { type SaveOptions, saveModel } from './save-model.js';
