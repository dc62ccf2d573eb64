import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Bytes, ModelArtifacts, ModelArtifactsInfo } from './artifacts.js';
import { byteLength, piecesOf } from './bytes.js';

/** What SaveResult tells of a model that is saved now. */
export function artifactsInfo(
  modelTopology: unknown,
  weightSpecs: unknown,
  weightDataBytes: number,
): ModelArtifactsInfo {
  return {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    modelTopologyBytes: jsonBytes(modelTopology),
    weightSpecsBytes: jsonBytes(weightSpecs),
    weightDataBytes,
  };
}

function jsonBytes(value: unknown): number {
  return value === undefined || value === null ? 0 : Buffer.byteLength(JSON.stringify(value));
}

/**
 * The time, and the sizes in bytes of a model's parts: what a handler's `save` gives as `{modelArtifactsInfo}`.
 *
 * @throws INVALID_ARGUMENT for what is no such object, or a topology in bytes, as graph models had it.
 */
export function getModelArtifactsInfoForJSON(artifacts: ModelArtifacts<Bytes>): ModelArtifactsInfo {
  if (artifacts === null || typeof artifacts !== 'object' || artifacts.modelTopology instanceof ArrayBuffer) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `io.getModelArtifactsInfoForJSON: ${show(artifacts)} is no model; give {modelTopology, weightSpecs, weightData}.`,
    );
  }
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const pieces = piecesOf(weightData ?? [], 'io.getModelArtifactsInfoForJSON: weightData');
  return artifactsInfo(modelTopology, weightSpecs, byteLength(pieces));
}
