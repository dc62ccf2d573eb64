import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Bytes, ModelArtifacts, ModelArtifactsInfo, WeightsManifestEntry } from './artifacts.js';
import { byteLength, piecesOf } from './bytes.js';
import type { JsonObject } from './read-model-json.js';

/** The keys of a model.json that ModelArtifacts have, too. */
export const SHARED_KEYS = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'trainingConfig',
  'userDefinedMetadata',
] as const;

/**
 * The artifacts of a model.json whose weights are fetched or read by a function: for `io.fromMemory`.
 *
 * @param json The object in the file.
 * @param loadWeights Takes the weightsManifest; gives the weightSpecs (see {@link getWeightSpecs}) and the bytes of all its files in
 * their order. Not called where there is no weightsManifest.
 * @throws INVALID_ARGUMENT for what is no object, and what `loadWeights` throws.
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
 * The artifacts of a model.json and its weights.
 *
 * @param json The object in the file.
 * @param weightSpecs See {@link getWeightSpecs}. Needed if the file has a weightsManifest.
 * @param weightData The bytes of all files of weights in their order. Needed if the file has a weightsManifest.
 * @throws INVALID_ARGUMENT for what is no object, or where the weights are missing.
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
    `io.getModelArtifactsForJSON: ${show(json)} is no model.json; give the object in it.`,
  );
}

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
