import { ConvforgeError } from '../errors.js';
import { slicesNaming } from '../io/failures.js';
import { readTopology } from '../io/model-config.js';
import { FORMAT } from '../io/origin.js';
import { isObject, type JsonObject, parseJson } from '../io/read-model-json.js';
import type { Layer } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import type { Formulas } from '../layers/formulas.js';
import { giveToStores } from '../layers/weight-store.js';
import { layerClass } from '../layers/registry.js';
import { type WeightNames, weightNames, weightNamesOfFormat1 } from '../network/file-names.js';
import {
  isFunctional,
  isModelClass,
  type LayerEntry,
  type ModelConfig,
  type SavedGraph,
} from '../network/saved-config.js';
import { show } from '../options.js';
import { SlicedWork } from '../program/sliced-work.js';
import type { LayersModel } from './layers-model.js';
import { rebuildGraph } from './saved-graph.js';
import { Sequential } from './sequential.js';

/** Whether an option holds the entry of a layer. */
function isEntry(option: unknown): option is LayerEntry {
  return option !== null && typeof option === 'object' && 'className' in option;
}

/** Rules for configs of a particular source. */
interface ConfigRules {
  /** Formulas of layers whose entries name none. Default 'keras'. */
  formulas?: Formulas;
  /** Whether equally named layers in different models are the same layer. Default false. */
  sharesLayers?: boolean;
}

/** Creates the layers of a model and of its nested models from their configs. */
class ConfigReader {
  /** All created layers, including nested models, in the order of the configs. */
  readonly made: Layer[] = [];
  /** Values that the config has for weights. */
  readonly values = new Map<Layer, readonly Float32Array[]>();
  readonly #byName = new Map<string, Layer>();
  readonly #rules: ConfigRules;

  constructor(rules: ConfigRules = {}) {
    this.#rules = rules;
  }

  /** See modelFromConfig. */
  *model(saved: ModelConfig): Generator<void, LayersModel> {
    const model = yield* this.#makeModel(saved);
    if (saved.config.trainable === false) model.trainable = false;
    return model;
  }

  *#makeModel({ className, config }: ModelConfig): Generator<void, LayersModel> {
    if (isFunctional(className)) {
      return yield* rebuildGraph(config as unknown as SavedGraph, (entry) => this.#layer(entry));
    }
    if (className !== 'Sequential') {
      throw new ConvforgeError(
        'UNSUPPORTED',
        `the model's class is ${show(className)}; 'Sequential' and 'Functional' can be loaded.`,
      );
    }
    const { name, layers } = config as unknown as { name?: string; layers: readonly LayerEntry[] };
    const made: Layer[] = [];
    for (const entry of layers) {
      made.push(yield* this.#layer(entry));
      yield;
    }
    const model = new Sequential(name === undefined ? {} : { name });
    for (const layer of made) {
      model.add(layer);
      yield;
    }
    return model;
  }

  *#layer(entry: LayerEntry): Generator<void, Layer> {
    const { className, config, name = config.name as string | undefined, convforge } = entry;
    const isShared = this.#rules.sharesLayers && name !== undefined && className !== 'InputLayer';
    const known = isShared ? this.#byName.get(name) : undefined;
    if (known?.getClassName() === className) return known;
    const layer = yield* this.#make(className, {
      ...config,
      ...convforge?.options,
      name: convforge?.name ?? name,
    });
    if (!layer.isModel) layer.formulas = convforge?.formulas ?? this.#rules.formulas ?? 'keras';
    if (isShared) this.#byName.set(name, layer);
    if (entry.values) this.values.set(layer, entry.values);
    this.made.push(layer);
    return layer;
  }

  /** The layer that a wrapper or an activation option holds. Its name need not be unique. */
  *#inner({ className, config, convforge }: LayerEntry): Generator<void, Layer> {
    const layer = yield* this.#make(className, config);
    if (!layer.isModel) layer.formulas = convforge?.formulas ?? this.#rules.formulas ?? 'keras';
    return layer;
  }

  *#make(className: string, config: LayerConfig): Generator<void, Layer> {
    if (isModelClass(className)) return (yield* this.model({ className, config })).asLayer();
    const made: LayerConfig = { ...config };
    for (const key of ['layer', 'activation']) {
      if (isEntry(config[key])) made[key] = yield* this.#inner(config[key]);
    }
    return layerClass(className).fromConfig(made);
  }
}

/**
 * Creates a model from its config. Weights are initialized on first use. Throws UNSUPPORTED for an unknown
 * class or option, INVALID_ARGUMENT for layers that don't fit together.
 */
export function modelFromConfig(config: ModelConfig): LayersModel {
  return new SlicedWork(new ConfigReader().model(config)).wait();
}

/** A model from a file, without its weights. */
export interface ReadModel {
  model: LayersModel;
  /** Names of the weights in the file. */
  weightNames: WeightNames;
}

/**
 * Creates the model of a file's modelTopology. Weights are initialized on first use. Throws CORRUPT_FILE,
 * UNSUPPORTED or TOO_LARGE.
 *
 * @param ofKeras2 Formulas of the layers that Keras 2 wrote. Those in a model.json are for TF.js.
 */
export function readModel(path: string, json: JsonObject, ofKeras2: Formulas = 'tfjs'): ReadModel {
  return new SlicedWork(readModelInSlices(path, json, ofKeras2)).wait();
}

/** Does the same in slices. */
export function* readModelInSlices(
  path: string,
  json: JsonObject,
  ofKeras2: Formulas = 'tfjs',
): Generator<void, ReadModel> {
  const { className, config, formulas, format } = readTopology(path, json, ofKeras2);
  const reader = new ConfigReader({ formulas, sharesLayers: format === FORMAT });
  const model = yield* slicesNaming(path, reader.model({ className, config }));
  giveToStores(new Map([...reader.values].map(([layer, values]) => [layer.stores[0], values])));
  return { model, weightNames: format === 1 ? weightNamesOfFormat1(reader.made) : weightNames(model) };
}

/**
 * Creates a model with new weights from what `model.toJSON` returned. The input is checked as strictly as a
 * file.
 *
 * @param json Result of toJSON, as text or as an object; or {modelTopology}, as in a model.json without
 * weights.
 * @param customObjects Must be empty: classes of your own can't be loaded.
 * @throws INVALID_ARGUMENT for anything else, or if it names weights, which loadLayersModel reads;
 * CORRUPT_FILE, with the fault; UNSUPPORTED for layers that this version doesn't have.
 */
export async function modelFromJSON(
  json: string | object,
  customObjects?: Readonly<Record<string, never>> | null,
): Promise<LayersModel> {
  const [custom] = Object.keys(customObjects ?? {});
  if (custom !== undefined) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `modelFromJSON: customObjects has '${custom}', but custom classes can't be loaded: build the model from convforge's layers.`,
    );
  }
  const topology = typeof json === 'string' ? parse(json) : json;
  if (!isObject(topology)) return fail(`${show(topology)} is not a model; give the result of model.toJSON()`);
  if (topology.weightsManifest !== undefined && topology.weightsManifest !== null)
    return fail(
      'the file has weights: use loadLayersModel(path), or pass only its modelTopology to get new ones',
    );
  const artifacts = 'modelTopology' in topology ? topology : { modelTopology: topology };
  return readModel('modelFromJSON', artifacts).model;
}

function parse(text: string): JsonObject {
  try {
    return parseJson(text) as JsonObject;
  } catch (error) {
    return fail(`this is not valid JSON: ${(error as Error).message}`);
  }
}

function fail(problem: string): never {
  throw new ConvforgeError('INVALID_ARGUMENT', `modelFromJSON: ${problem}.`);
}
