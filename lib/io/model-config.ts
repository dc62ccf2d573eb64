import type { Formulas } from '../layers/formulas.js';
import {
  isFunctional,
  isModelClass,
  type LayerEntry,
  type ModelConfig,
  type Reference,
} from '../network/saved-config.js';
import { show } from '../options.js';
import { fromPythonCase } from './casing.js';
import { corrupt, unsupported } from './failures.js';
import { readOrigin, type Writer } from './origin.js';
import { isObject, type JsonObject } from './read-model-json.js';
import { isOperator, readOperator } from './read-operator.js';
import { type ReferenceReader, readNodes, readReferences } from './references.js';

/**
 * Maximum number of layers. Adding a layer examines all before it, so a file of a million layers would take
 * hours.
 */
const MAX_LAYERS = 10_000;

/** Layers that may replace the name of an activation. */
const ACTIVATIONS: ReadonlySet<string> = new Set(['ReLU', 'LeakyReLU', 'ELU', 'Softmax', 'ThresholdedReLU']);

/** A model as its file describes it, without weights. */
export interface Topology extends ModelConfig {
  /** Whose formulas the layers compute by. */
  formulas: Formulas;
  /** Version of convforge's format; undefined if something else wrote the file. */
  format: number | undefined;
}

/**
 * Reads modelTopology as TF.js, Keras 2, Keras 3 or TF.js's converter for Keras writes it; the converter adds
 * `model_config`, and its config may be the list of layers itself. Throws CORRUPT_FILE, UNSUPPORTED.
 *
 * @param ofKeras2 Formulas of the layers that Keras 2 wrote.
 */
export function readTopology(path: string, json: JsonObject, ofKeras2: Formulas): Topology {
  const written = isObject(json.modelTopology) ? json.modelTopology : undefined;
  const outer = written && isObject(written.model_config) ? written.model_config : written;
  if (outer === undefined) throw corrupt(path, 'modelTopology is missing');
  const { writer, formulas, format } = readOrigin(path, json, written as JsonObject, outer, ofKeras2);
  const { className, config } = fromPythonCase(path, outer);
  if (typeof className !== 'string' || !isModelClass(className)) {
    throw unsupported(
      path,
      `the model's class is ${show(className)}; 'Sequential' and 'Functional' can be loaded`,
    );
  }
  return { className, config: readModelConfig(path, writer, className, config), formulas, format };
}

/** How to read a config. */
interface ConfigSource extends ReferenceReader {
  writer: Writer;
}

/**
 * Reads the config of a model or nested model, and checks all that the layers' classes don't check
 * themselves. Throws CORRUPT_FILE, UNSUPPORTED.
 */
function readModelConfig(path: string, writer: Writer, className: string, given: unknown): JsonObject {
  return readConfig({ path, writer, readsTraining: writer !== 'keras3' }, className, given);
}

function readConfig(source: ConfigSource, className: string, given: unknown): JsonObject {
  const { path } = source;
  const config = Array.isArray(given) ? { layers: given } : given;
  if (!isObject(config) || !Array.isArray(config.layers))
    throw corrupt(path, "the model's config has no list of layers");
  if (config.name !== undefined && typeof config.name !== 'string') {
    throw corrupt(path, `the model's name is ${show(config.name)}; it must be a string`);
  }
  if (config.layers.length > MAX_LAYERS) {
    throw corrupt(path, `it has ${config.layers.length} layers; the most is ${MAX_LAYERS}`);
  }
  const layers = (config.layers as unknown[]).flatMap((layer, i): SavedLayer | SavedLayer[] =>
    isObject(layer) && typeof layer.className === 'string' && isOperator(layer)
      ? readOperator(path, layer, layer.className)
      : readLayer(source, layer, i),
  );
  if (className === 'Sequential') {
    const [first, ...others] = layers;
    return { ...config, layers: first ? [first, ...others.map(withoutInputShape)] : [] };
  }
  const graph = layers.map(({ inboundNodes, name, ...entry }: SavedLayer, i) => {
    const own = typeof name === 'string' ? name : entry.config.name;
    if (typeof own !== 'string') throw corrupt(path, `layer ${i} has no name`);
    const nodes = readNodes(source, inboundNodes, own);
    return {
      ...(nodes.length > 0 ? withoutInputShape(entry) : entry),
      name: own,
      inboundNodes: nodes,
    };
  });
  return {
    ...(config.name !== undefined && { name: config.name }),
    ...(config.trainable === false && { trainable: false }),
    layers: graph,
    inputLayers: readReferences(source, config.inputLayers),
    outputLayers: readReferences(source, config.outputLayers).map((each) =>
      outputReference(source, graph, each),
    ),
  };
}

/**
 * Keras 3 counts the uses of a graph in a graph from 0, but from 1 where one is an output of the model. Here
 * both are from 0, unless no use is but the output.
 */
function outputReference(
  { writer }: ConfigSource,
  graph: readonly Pick<LayerEntry, 'className' | 'name'>[],
  reference: Reference,
): Reference {
  if (writer !== 'keras3') return reference;
  const [name, use, ...rest] = reference;
  const layer = graph.find((each) => each.name === name);
  const isGraph = layer !== undefined && isFunctional(layer.className);
  return isGraph && use > 0 ? [name, use - 1, ...rest] : reference;
}

/**
 * Drops the input shape of a layer that takes other layers' outputs: TF.js writes [null, null] for every
 * Embedding. An InputLayer keeps its shape, and is refused later for having inputs.
 */
function withoutInputShape<Entry extends Pick<LayerEntry, 'className' | 'config'>>(entry: Entry): Entry {
  if (entry.className === 'InputLayer') return entry;
  const { batchInputShape: _, ...config } = entry.config;
  return { ...entry, config };
}

interface SavedLayer extends Omit<LayerEntry, 'name'> {
  name: unknown;
  inboundNodes: unknown;
}

function readLayer(source: ConfigSource, layer: unknown, index: number): SavedLayer {
  const { path, writer } = source;
  if (!isObject(layer) || typeof layer.className !== 'string' || !isObject(layer.config)) {
    // The whole config of a nested model may be its list of layers.
    if (!isObject(layer) || typeof layer.className !== 'string' || !Array.isArray(layer.config))
      throw corrupt(path, `layer ${index} has no class_name and config`);
  }
  const { className, name, inboundNodes } = layer;
  const own = isModelClass(className)
    ? readConfig(source, className, layer.config)
    : withoutFaults(writer, className, layer.config as JsonObject);
  // The layer inside a wrapper, such as TimeDistributed, is a layer or a model, too.
  const config: JsonObject = {
    ...own,
    ...(isObject(own.layer) && { layer: readLayer(source, own.layer, index) }),
    ...(isObject(own.activation) && { activation: readActivation(source, own.activation, index) }),
  };
  const convforge = readAdditions(path, className, layer.convforge, index);
  return { className, name, inboundNodes, config, ...(convforge && { convforge }) };
}

/** Reads an activation that is given as a layer instead of a name. */
function readActivation(source: ConfigSource, given: JsonObject, index: number): unknown {
  const { className } = given;
  if (className === 'Activation' && isObject(given.config)) {
    const { activation } = given.config;
    if (isObject(activation)) return readActivation(source, activation, index);
    if (typeof activation === 'string') return activation;
    throw corrupt(source.path, `the activation of layer ${index} is an Activation of ${show(activation)}`);
  }
  if (typeof className !== 'string' || !ACTIVATIONS.has(className)) {
    throw unsupported(
      source.path,
      `the activation of layer ${index} is ${className === undefined ? show(given) : show(className)}; a name can be loaded, or a layer of ${[...ACTIVATIONS].join(', ')}`,
    );
  }
  return readLayer(source, given, index);
}

function readAdditions(
  path: string,
  className: string,
  given: unknown,
  index: number,
): LayerEntry['convforge'] {
  if (given === undefined) return undefined;
  const { name, formulas, options } = isObject(given) ? given : {};
  if (name !== undefined && typeof name !== 'string') {
    throw corrupt(path, `layer ${index} has the convforge.name ${show(name)}; it must be a string`);
  }
  if (formulas !== undefined && formulas !== 'keras2' && formulas !== 'tfjs') {
    throw corrupt(
      path,
      `layer ${index} has the convforge.formulas ${show(formulas)}; they can be 'keras2' or 'tfjs'`,
    );
  }
  if (options !== undefined && (!isObject(options) || isModelClass(className))) {
    throw corrupt(path, `layer ${index} has the convforge.options ${show(options)}; only a layer has some`);
  }
  return {
    ...(name !== undefined && { name }),
    ...(formulas !== undefined && { formulas }),
    ...(options !== undefined && { options }),
  };
}

/**
 * A layer's config without the generator of random numbers that Keras 2 names, and without the faults of TF.js
 * 4.22. TF.js computes a DepthwiseConv2D without its dilation, so that its kernel is trained that way, and writes
 * the layer's regularizer as its constraint, too.
 */
function withoutFaults(writer: Writer, className: string, config: JsonObject): JsonObject {
  if (writer === 'keras2' && className.startsWith('Random')) {
    const { rngType: _, forceGenerator: __, ...others } = config;
    return others;
  }
  if (writer !== 'tfjs' || className !== 'DepthwiseConv2D') return config;
  const { dilationRate, depthwiseConstraint, ...rest } = config;
  const isRegularizer = isObject(depthwiseConstraint) && /^L[12]/.test(String(depthwiseConstraint.className));
  return isRegularizer ? rest : { ...rest, depthwiseConstraint };
}
