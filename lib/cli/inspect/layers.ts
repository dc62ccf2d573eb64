import { ConvforgeError } from '../../errors.js';
import { readManifest } from '../../io/manifest.js';
import { isObject, type JsonObject } from '../../io/read-model-json.js';
import { isLayerClass } from '../../layers/registry.js';
import { readModel } from '../../models/from-config.js';
import { isModelClass } from '../../network/saved-config.js';
import { sizeOf } from '../../tensor/shapes.js';
import { countNames, type Description, type Undone } from './description.js';

/** A layer as a file describes it. */
interface FoundLayer {
  name: string;
  className: string;
  /** Whether it is an operator of Keras 3, such as `x + y`. */
  isOperator: boolean;
}

/** Deepest nesting of models to visit. */
const MAX_DEPTH = 128;

/** Describes a model of layers by its config. `path` is the file's, and `json` as a model.json. */
export function describeLayers(
  path: string,
  json: JsonObject,
  texts: Pick<Description, 'kind' | 'open'>,
): Description {
  const topology = isObject(json.modelTopology) ? json.modelTopology : {};
  const model = isObject(topology.model_config) ? topology.model_config : topology;
  const layers = [...layersOf(model, 0)];
  const missing = layers.filter(({ className, isOperator }) => !isOperator && !isLayerClass(className));
  const undone = missing.map(({ name, className }): Undone => {
    return { what: className, place: name, why: 'there is no layer of this class' };
  });
  const made = undone.length > 0 ? undefined : make(path, json);
  return {
    ...texts,
    writer: writerOf(json, topology, model),
    ...(made && 'model' in made && { inputs: ports(made.model.inputs), outputs: ports(made.model.outputs) }),
    parameters: made && 'model' in made ? made.model.countParams() : storedElements(path, json),
    parts: 'layers',
    counts: countNames(layers.map(({ className }) => className)),
    undone: made && 'why' in made ? [made] : undone,
  };
}

/** The model with no weights drawn, or why it can't be made. */
function make(path: string, json: JsonObject): { model: ReturnType<typeof readModel>['model'] } | Undone {
  try {
    return { model: readModel(path, json).model };
  } catch (error) {
    if (!(error instanceof ConvforgeError)) throw error;
    const why = error.message.replace(`${path}: `, '').replace(/\.$/, '');
    return { what: 'an option', place: error.layer ?? 'the model', why };
  }
}

function ports(tensors: readonly { name: string; shape: (number | null)[] }[]): Description['inputs'] {
  return tensors.map(({ name, shape }) => ({ name, shape }));
}

function* layersOf(model: JsonObject, depth: number): Generator<FoundLayer, void> {
  const { config } = model;
  const layers = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  if (!Array.isArray(layers) || depth > MAX_DEPTH) return;
  for (const layer of layers) {
    if (!isObject(layer) || typeof layer.class_name !== 'string') continue;
    const { class_name: className, module } = layer;
    const own = isObject(layer.config) ? layer.config.name : undefined;
    if (isModelClass(className)) yield* layersOf(layer, depth + 1);
    else {
      const isOperator = typeof module === 'string' && /\.ops\./.test(module);
      yield { name: String(layer.name ?? own), className, isOperator };
    }
  }
}

function writerOf(json: JsonObject, topology: JsonObject, model: JsonObject): string {
  const { generatedBy, convertedBy } = json;
  const version = topology.keras_version ?? model.keras_version;
  const isNamed = typeof generatedBy === 'string' && generatedBy.startsWith('keras');
  const isKeras = typeof version === 'string' && /^\d/.test(version);
  const keras = isKeras && !isNamed ? `Keras ${version}` : undefined;
  const writers = [generatedBy, keras, convertedBy].filter((each) => typeof each === 'string');
  return [...new Set(writers)].join(', ') || 'unknown';
}

/** Elements of the weights that a model.json lists. */
function storedElements(path: string, json: JsonObject): number | null {
  if (!Array.isArray(json.weightsManifest)) return null;
  const weights = readManifest(path, json).flatMap((group) => group.weights);
  return weights.filter(({ isOptimizer }) => !isOptimizer).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
