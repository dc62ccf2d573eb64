import { untilAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { LoadsModel } from './artifacts.js';
import { byteLength, MemoryReader, piecesOf } from './bytes.js';
import { corrupt } from './failures.js';
import { isHttp } from './fetch-bytes.js';
import { openFetched } from './fetched-model.js';
import { FileSystem } from './file-system.js';
import { callHandler } from './handlers.js';
import { readLocation } from './locations.js';
import { readManifest, storedBytes } from './manifest.js';
import type { ModelSource, SourceOptions } from './source.js';
import { openModelFiles } from './model-files.js';
import { SHARED_KEYS } from './model-json.js';
import {
  checkModelJson,
  isObject,
  type JsonObject,
  MAX_MEGABYTES,
  type ModelFormat,
  parseMarked,
  stringifyMarked,
} from './read-model-json.js';

/** Opens what loadLayersModel and loadGraphModel take. Rejects as they do. */
export async function openSource(given: unknown, options: SourceOptions): Promise<ModelSource> {
  const { what, formats, signal } = options;
  if (isHttp(given)) return openFetched(given, options);
  if (typeof given === 'string') return openFiles(readLocation(given, what), formats);
  if (given instanceof FileSystem) return openFiles(given.path, formats);
  if (given !== null && typeof given === 'object' && 'load' in given && typeof given.load === 'function') {
    const handler = given as LoadsModel;
    // Reading the artifacts may throw, too, so it happens inside callHandler.
    return callHandler('load', async () =>
      openArtifacts(await untilAborted(handler.load(), { signal }), formats),
    );
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${what}: ${show(given)} is not a location; give the path of a model.json or its folder, the URL of a model.json, or an object with load(), such as io.fromMemory(artifacts).`,
  );
}

async function openFiles(location: string, formats: readonly ModelFormat[]): Promise<ModelSource> {
  const files = await openModelFiles(location, formats);
  return {
    label: files.path,
    json: files.json,
    entries: files.groups.flatMap((group) => group.weights),
    readWeights: async (read) => {
      for (const group of files.groups) {
        await files.readGroup(group, async (reader) => {
          for (const entry of group.weights) await read(entry, reader);
        });
      }
    },
    close: files.close,
  };
}

const LABEL = 'handler.load()';

function openArtifacts(given: unknown, formats: readonly ModelFormat[]): ModelSource {
  if (!isObject(given)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${LABEL} gave ${show(given)}; it must give an object with modelTopology, weightSpecs and weightData.`,
    );
  }
  const { weightData, weightSpecs, weightsManifest } = given;
  if (isMissing(weightSpecs) !== isMissing(weightData)) {
    const [missing, there] = isMissing(weightData)
      ? ['weightData', 'weightSpecs']
      : ['weightSpecs', 'weightData'];
    throw corrupt(LABEL, `there is ${there}, but no ${missing}`);
  }
  if (isMissing(weightData) && !isMissing(weightsManifest)) {
    throw corrupt(
      LABEL,
      'there is weightsManifest, but no weightSpecs (io.getWeightSpecs(weightsManifest)) and weightData (the bytes of its files)',
    );
  }
  const shared = Object.fromEntries(SHARED_KEYS.map((key) => [key, given[key]]));
  const manifest = [{ paths: [], weights: weightSpecs ?? [] }];
  const json = checkModelJson(LABEL, asJson({ ...shared, weightsManifest: manifest }), formats);
  if (isMissing(weightData)) return { label: LABEL, json, readWeights: async () => {} };
  const [{ weights }] = readManifest(LABEL, json);
  const pieces = piecesOf(weightData, `${LABEL}: weightData`);
  const needed = weights.reduce((sum, entry) => sum + storedBytes(entry), 0);
  if (needed !== byteLength(pieces)) {
    throw corrupt(LABEL, `its weights need ${needed} bytes, but weightData has ${byteLength(pieces)}`);
  }
  const reader = new MemoryReader(pieces, LABEL);
  return {
    label: LABEL,
    json,
    entries: weights,
    readWeights: async (read) => {
      for (const entry of weights) await read(entry, reader);
    },
  };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

/**
 * Maximum number of values in a model's JSON. Repeated values count each time, since one object may occur in
 * many places.
 */
const MAX_VALUES = 2 ** 23;

/** Copies the caller's data through JSON, within the bounds of a file. */
function asJson(given: JsonObject): unknown {
  let values = 0;
  const count = () => {
    if (++values > MAX_VALUES)
      throw new ConvforgeError('TOO_LARGE', `${LABEL}: its JSON has more than ${MAX_VALUES} values.`);
  };
  try {
    const text = stringifyMarked(given, count);
    if (text.length > MAX_MEGABYTES * 2 ** 20) {
      throw new ConvforgeError('TOO_LARGE', `${LABEL}: its JSON has more than ${MAX_MEGABYTES} MiB.`);
    }
    return parseMarked(text);
  } catch (error) {
    if (error instanceof ConvforgeError) throw error;
    throw corrupt(LABEL, `its result is not valid JSON: ${(error as Error).message}`, error);
  }
}
