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
export {
  getModelArtifactsForJSON,
  getModelArtifactsForJSONSync,
  getModelArtifactsInfoForJSON,
} from './model-json.js';
export { CompositeArrayBuffer } from './bytes.js';
export { type OnnxOptions, onnx } from '../onnx/write/bytes.js';
export { readSafetensors } from './safetensors.js';
export { type SafetensorsOptions, writeSafetensors } from './safetensors-write.js';
export {
  type LoadedSafetensors,
  type LoadSafetensorsOptions,
  loadSafetensors,
  type SaveSafetensorsOptions,
  saveSafetensors,
} from '../models/safetensors-weights.js';
export { FileSystem, fileSystem } from './file-system.js';
export { fromMemory, fromMemorySync, withSaveHandler, withSaveHandlerSync } from './handlers.js';
export {
  type EncodedWeights,
  concatenateArrayBuffers,
  decodeWeights,
  encodeWeights,
  getWeightSpecs,
} from './weight-codecs.js';
