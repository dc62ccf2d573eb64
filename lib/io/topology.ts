import { type LayersModel, Sequential } from '../models/index.js';
import { show } from '../options.js';
import { fromPythonCase, toPythonCase } from './casing.js';
import { blaming, corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Adding a layer looks at those before it: a file of a million would take hours. */
const MAX_LAYERS = 10_000;

/** The model without weights, as TF.js writes it. */
export function writeTopology(model: LayersModel): JsonObject {
  const topology = { className: model.getClassName(), config: model.getConfig() };
  return {
    ...toPythonCase(topology),
    // Readers look at these two: the version of TF.js whose format this is, and TF.js's own name in its own spelling.
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/**
 * The model of a modelTopology: as TF.js writes it, or as its converter from Keras does (model_config, layers as config itself).
 * Its weights are not drawn yet. Throws CORRUPT_FILE, UNSUPPORTED or TOO_LARGE.
 */
export function readTopology(path: string, json: JsonObject): LayersModel {
  const written = isObject(json.modelTopology) ? json.modelTopology : undefined;
  const outer = written && isObject(written.model_config) ? written.model_config : written;
  if (outer === undefined) throw corrupt(path, 'modelTopology is missing');
  const topology = fromPythonCase(path, outer);
  if (topology.className !== 'Sequential') {
    throw unsupported(
      path,
      `the model's class is ${show(topology.className)}; only 'Sequential' can be loaded`,
    );
  }
  const config = Array.isArray(topology.config) ? { layers: topology.config } : topology.config;
  if (!isObject(config) || !Array.isArray(config.layers))
    throw corrupt(path, "the model's config has no list of layers");
  if (config.name !== undefined && typeof config.name !== 'string') {
    throw corrupt(path, `the model's name is ${show(config.name)}; it must be a string`);
  }
  if (config.layers.length > MAX_LAYERS) {
    throw corrupt(path, `it has ${config.layers.length} layers; the most is ${MAX_LAYERS}`);
  }
  const layers = config.layers.map((layer, i) => readLayer(path, layer, i));
  const { name } = config;
  return blaming(path, () => Sequential.fromConfig(name === undefined ? { layers } : { name, layers }));
}

function readLayer(path: string, layer: unknown, index: number): { className: string; config: JsonObject } {
  if (!isObject(layer) || typeof layer.className !== 'string' || !isObject(layer.config)) {
    throw corrupt(path, `layer ${index} has no class_name and config`);
  }
  return { className: layer.className, config: layer.config };
}
