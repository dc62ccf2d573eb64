import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { isArrayBuffer } from '../realms.js';
import type { Bytes, ModelArtifacts, ModelArtifactsInfo, WeightsManifestEntry } from './artifacts.js';
import { byteLength, piecesOf } from './bytes.js';
import type { JsonObject } from './read-model-json.js';

/** Keys that model.json and ModelArtifacts have in common. */
export const SHARED_KEYS = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'trainingConfig',
  'userDefinedMetadata',
  'signature',
] as const;

/**
 * Builds artifacts, for `io.fromMemory`, from a model.json whose weights a function fetches or reads.
 *
 * @param json The object in the file.
 * @param loadWeights Receives the weightsManifest. Must return the weightSpecs (see {@link getWeightSpecs})
 * and the bytes of all weights files, in order. Not called without a weightsManifest.
 * @throws INVALID_ARGUMENT unless json is an object, and what `loadWeights` throws.
 */
export async function getModelArtifactsForJSON<Data extends Bytes>(
  json: object,
  loadWeights: (
    weightsManifest: { paths: string[]; weights: WeightsManifestEntry[] }[],
  ) => Promise<readonly [specs: WeightsManifestEntry[], data: Data | Data[]]>,
): Promise<ModelArtifacts<Data>> {
  const { weightsManifest } = checkJson(json);
  if (weightsManifest === undefined || weightsManifest === null) return getModelArtifactsForJSONSync(json);
  const [specs, data] = await loadWeights(weightsManifest as never);
  return getModelArtifactsForJSONSync(json, specs, data);
}

/**
 * Builds artifacts from a model.json and its weights.
 *
 * @param json The object in the file.
 * @param weightSpecs See {@link getWeightSpecs}. Required if the file has a weightsManifest.
 * @param weightData The bytes of all weights files, in order. Required if the file has a weightsManifest.
 * @throws INVALID_ARGUMENT unless json is an object, or if the weights are missing.
 */
export function getModelArtifactsForJSONSync<Data extends Bytes>(
  json: object,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: Data | Data[],
): ModelArtifacts<Data> {
  const given = checkJson(json);
  const artifacts = Object.fromEntries(
    SHARED_KEYS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  );
  if (given.weightsManifest === undefined || given.weightsManifest === null) return artifacts;
  if (!weightSpecs || !weightData) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      'io.getModelArtifactsForJSON: the file has a weightsManifest; give weightSpecs and weightData, too.',
    );
  }
  return { ...artifacts, weightSpecs, weightData };
}

function checkJson(json: unknown): JsonObject {
  if (json !== null && typeof json === 'object') return json as JsonObject;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `io.getModelArtifactsForJSON: ${show(json)} is not a model.json; give the object in it.`,
  );
}

/** Describes a model that is saved now, for SaveResult. */
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
 * Describes artifacts by the current time and the sizes of their parts in bytes. A handler's `save` returns
 * this as `{modelArtifactsInfo}`.
 *
 * @throws INVALID_ARGUMENT unless it is such an object, or for a topology in bytes, as of graph models.
 */
export function getModelArtifactsInfoForJSON(artifacts: ModelArtifacts<Bytes>): ModelArtifactsInfo {
  if (artifacts === null || typeof artifacts !== 'object' || isArrayBuffer(artifacts.modelTopology)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `io.getModelArtifactsInfoForJSON: ${show(artifacts)} is not a model; give {modelTopology, weightSpecs, weightData}.`,
    );
  }
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const pieces = piecesOf(weightData ?? [], 'io.getModelArtifactsInfoForJSON: weightData');
  return artifactsInfo(modelTopology, weightSpecs, byteLength(pieces));
}
