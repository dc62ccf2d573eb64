import { type WeightNames, weightNames, weightNamesOfFormat1 } from '../models/file-names.js';
import { ConfigReader, isModelClass } from '../models/from-config.js';
import type { LayersModel } from '../models/index.js';
import type { LayerEntry, Reference } from '../models/layer-entry.js';
import { show } from '../options.js';
import { fromPythonCase } from './casing.js';
import { blaming, corrupt, unsupported } from './failures.js';
import { FORMAT, readOrigin } from './origin.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Adding a layer looks at those before it: a file of a million would take hours. */
const MAX_LAYERS = 10_000;

/** A model from a file, without its weights. */
export interface ReadModel {
  model: LayersModel;
  /** What the file calls its weights. */
  weightNames: WeightNames;
}

/**
 * The model of a modelTopology: as TF.js writes it, or as its converter from Keras does (model_config, layers as config itself).
 * Its weights are not drawn yet. Throws CORRUPT_FILE, UNSUPPORTED or TOO_LARGE.
 */
export function readTopology(path: string, json: JsonObject): ReadModel {
  const written = isObject(json.modelTopology) ? json.modelTopology : undefined;
  const outer = written && isObject(written.model_config) ? written.model_config : written;
  if (outer === undefined) throw corrupt(path, 'modelTopology is missing');
  const origin = readOrigin(path, json, written as JsonObject, outer);
  const topology = fromPythonCase(path, outer);
  const { className } = topology;
  if (typeof className !== 'string' || !isModelClass(className)) {
    throw unsupported(
      path,
      `the model's class is ${show(className)}; 'Sequential' and 'Functional' can be loaded`,
    );
  }
  const config = checkConfig(path, className, topology.config);
  const reader = new ConfigReader({ formulas: origin.formulas, sharesLayers: origin.format === FORMAT });
  const model = blaming(path, () => reader.model({ className, config }));
  return { model, weightNames: origin.format === 1 ? weightNamesOfFormat1(reader.made) : weightNames(model) };
}

/** That of a model, or of one inside it, with all that the layers' classes don't check themselves. */
function checkConfig(path: string, className: string, given: unknown): JsonObject {
  const config = Array.isArray(given) ? { layers: given } : given;
  if (!isObject(config) || !Array.isArray(config.layers))
    throw corrupt(path, "the model's config has no list of layers");
  if (config.name !== undefined && typeof config.name !== 'string') {
    throw corrupt(path, `the model's name is ${show(config.name)}; it must be a string`);
  }
  if (config.layers.length > MAX_LAYERS) {
    throw corrupt(path, `it has ${config.layers.length} layers; the most is ${MAX_LAYERS}`);
  }
  const layers = config.layers.map((layer, i) => readLayer(path, layer, i));
  if (className === 'Sequential') return { ...config, layers };
  const graph = layers.map(({ inboundNodes, name, config, ...entry }) => ({
    ...entry,
    config,
    name: typeof name === 'string' ? name : config.name,
    inboundNodes: readList(path, inboundNodes, 'inbound_nodes').map((node) => readReferences(path, node)),
  }));
  const unnamed = graph.findIndex(({ name }) => typeof name !== 'string');
  if (unnamed >= 0) throw corrupt(path, `layer ${unnamed} has no name`);
  return {
    ...(config.name !== undefined && { name: config.name }),
    ...(config.trainable === false && { trainable: false }),
    layers: graph,
    inputLayers: readReferences(path, config.inputLayers),
    outputLayers: readReferences(path, config.outputLayers),
  };
}

function readLayer(path: string, layer: unknown, index: number): SavedLayer {
  if (!isObject(layer) || typeof layer.className !== 'string' || !isObject(layer.config)) {
    // A model inside this one may have its layers as its whole config.
    if (!isObject(layer) || typeof layer.className !== 'string' || !Array.isArray(layer.config))
      throw corrupt(path, `layer ${index} has no class_name and config`);
  }
  const { className, name, inboundNodes } = layer;
  const config = isModelClass(className) ? checkConfig(path, className, layer.config) : layer.config;
  const convforge = readAdditions(path, layer.convforge, index);
  return { className, name, inboundNodes, config: config as JsonObject, ...(convforge && { convforge }) };
}

function readAdditions(path: string, given: unknown, index: number): LayerEntry['convforge'] {
  if (given === undefined) return undefined;
  const { name, formulas } = isObject(given) ? given : {};
  if (name !== undefined && typeof name !== 'string') {
    throw corrupt(path, `layer ${index} has the convforge.name ${show(name)}; it must be a string`);
  }
  if (formulas !== undefined && formulas !== 'tfjs') {
    throw corrupt(path, `layer ${index} has the convforge.formulas ${show(formulas)}; they can be 'tfjs'`);
  }
  return { ...(name !== undefined && { name }), ...(formulas !== undefined && { formulas }) };
}

interface SavedLayer extends Omit<LayerEntry, 'name'> {
  name: unknown;
  inboundNodes: unknown;
}

function readList(path: string, value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw corrupt(path, `${what} is ${show(value)}; it must be a list`);
}

/** [["conv2d_1", 0, 0, {}], ...]; a single one may stand without the list around it. */
function readReferences(path: string, value: unknown): Reference[] {
  const list = readList(path, value, 'a list of layers');
  const references = typeof list[0] === 'string' ? [list] : list;
  return references.map((reference) => {
    const [name, use, output] = readList(path, reference, 'a reference to a layer');
    const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    if (typeof name !== 'string' || !isIndex(use) || !isIndex(output))
      throw corrupt(path, `${show(reference)} refers to no value; it must be [layer, use, output]`);
    return [name, use as number, output as number];
  });
}
