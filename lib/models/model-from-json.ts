import { ConvforgeError } from '../errors.js';
import { parseJson } from '../io/parse-json.js';
import { isObject, type JsonObject } from '../io/read-model-json.js';
import { readModel } from './from-config.js';
import { show } from '../options.js';
import type { LayersModel } from './layers-model.js';

/**
 * A model of these layers, with new weights: the counterpart of `model.toJSON`. It is trusted as little as a file.
 *
 * @param json What toJSON gave, as text or as an object; or {modelTopology} as in a model.json without weights.
 * @param customObjects None: classes of layers of your own can't be read.
 * @throws INVALID_ARGUMENT for what is no such thing, or names weights, which loadLayersModel reads; CORRUPT_FILE, with the fault;
 * UNSUPPORTED for layers that this version doesn't have.
 */
export async function modelFromJSON(
  json: string | object,
  customObjects?: Readonly<Record<string, never>> | null,
): Promise<LayersModel> {
  const [custom] = Object.keys(customObjects ?? {});
  if (custom !== undefined) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `modelFromJSON: customObjects has '${custom}', but classes of your own can't be read: make the model of convforge's layers.`,
    );
  }
  const topology = typeof json === 'string' ? parse(json) : json;
  if (!isObject(topology)) return fail(`${show(topology)} is no model; give what model.toJSON() gave`);
  if (topology.weightsManifest !== undefined && topology.weightsManifest !== null)
    return fail('this names weights: use loadLayersModel(path), or give its modelTopology for new ones');
  const artifacts = 'modelTopology' in topology ? topology : { modelTopology: topology };
  return readModel('modelFromJSON', artifacts).model;
}

function parse(text: string): JsonObject {
  try {
    return parseJson(text) as JsonObject;
  } catch (error) {
    return fail(`this is no JSON: ${(error as Error).message}`);
  }
}

function fail(problem: string): never {
  throw new ConvforgeError('INVALID_ARGUMENT', `modelFromJSON: ${problem}.`);
}
