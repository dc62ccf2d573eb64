export type {
  Bytes,
  IOHandler,
  LoadsModel,
  ModelArtifacts,
  ModelArtifactsInfo,
  SaveResult,
  SavesModel,
  TrainingConfig,
  WeightQuantization,
  WeightsManifestEntry,
} from './artifacts.js';
export { getModelArtifactsInfoForJSON } from './artifacts-info.js';
export { CompositeArrayBuffer } from './composite-array-buffer.js';
export { FileSystem, fileSystem } from './file-system.js';
export { fromMemory, fromMemorySync, withSaveHandler, withSaveHandlerSync } from './handlers.js';
export { getModelArtifactsForJSON, getModelArtifactsForJSONSync } from './model-json.js';
export {
  type EncodedWeights,
  concatenateArrayBuffers,
  decodeWeights,
  encodeWeights,
  getWeightSpecs,
} from './weight-codecs.js';
