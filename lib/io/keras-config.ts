import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import { Operation } from '../layers/operation/index.js';
import type { WeightStore } from '../layers/weight-store.js';
import { innermost, type Model, modelOf, modelsWithin } from '../network/model.js';
import type { LayerEntry, Reference, SavedGraph } from '../network/saved-config.js';
import { show } from '../options.js';
import { warnOnce } from '../warnings.js';
import { toPythonCase } from './casing.js';
import {
  constantTensor,
  freeNames,
  kerasTensor,
  type Operand,
  operationEntries,
  withConstants,
} from './keras-operation-entries.js';
import { kerasSteps } from './keras-operations.js';
import { KerasLacks, type KerasStep, OperationUse } from './operation-use.js';
import { unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Layers that Keras lacks, or that predict otherwise there. */
const REFUSED: Readonly<Record<string, string>> = {
  DepthToSpace: "DepthToSpace isn't in Keras",
  RandomCrop: "Keras's RandomCrop doesn't crop when it predicts",
  SpaceToDepth: "SpaceToDepth isn't in Keras",
  SumPooling1D: "SumPooling1D isn't in Keras",
  SumPooling2D: "SumPooling2D isn't in Keras",
};

/** The version of Keras whose format is written. */
export type KerasVersion = 2 | 3;

/** Keras's modules of the objects that options hold. */
const MODULES: readonly (readonly [option: RegExp, module: string])[] = [
  [/_initializer$/, 'keras.initializers'],
  [/_regularizer$/, 'keras.regularizers'],
  [/_constraint$/, 'keras.constraints'],
  [/^(layer|activation)$/, 'keras.layers'],
];

const GRAPH = { module: 'keras.src.models.functional', registered_name: 'Functional' };
const CHAIN = { module: 'keras', registered_name: null };

/**
 * Writes a model's layers as Keras 3 does. Throws UNSUPPORTED, naming all layers that Keras lacks or computes
 * otherwise.
 *
 * @param file The file's name in messages.
 * @param version The version of Keras that shall read the layers.
 */
export function writeKerasConfig(
  file: string,
  model: Model,
  values: WeightValues,
  version: KerasVersion = 3,
): JsonObject {
  const operations = checkLayers(file, model, version);
  warnOfTraining(model);
  return modelEntry({ file, values, operations }, model);
}

type WeightValues = ReadonlyMap<WeightStore, readonly Float32Array[]>;

/** What is needed to write entries. */
interface ConfigTarget {
  file: string;
  /** The values of the model's weights. */
  values: WeightValues;
  operations: ReadonlyMap<Layer, readonly KerasStep[]>;
}

/** Returns how operations are written. */
function checkLayers(file: string, model: Model, version: KerasVersion): Map<Layer, readonly KerasStep[]> {
  const operations = new Map<Layer, readonly KerasStep[]>();
  const owners = new Map<Layer, Model>();
  const refused: string[] = [];
  for (const inner of modelsWithin(model)) {
    for (const layer of inner.layers) {
      const { name } = layer;
      const problem = problemOf(innermost(layer), version);
      if (problem !== undefined) refused.push(`'${name}' (${problem})`);
      if (layer instanceof Operation) {
        const steps = stepsOrProblem(layer, inner, version);
        if (typeof steps === 'string') refused.push(`'${name}' (${steps})`);
        else operations.set(layer, steps);
      } else if (innermost(layer) instanceof Operation) {
        refused.push(`'${name}' (it wraps an operation)`);
      }
      if (!(layer instanceof InputLayer) && owners.has(layer))
        refused.push(`'${name}' (both '${owners.get(layer)?.name}' and '${inner.name}' have it)`);
      owners.set(layer, inner);
      if (layer.nodes.some(({ options }) => options.training === true))
        refused.push(`'${name}' (it is applied with training: true, which Keras 3 ignores)`);
    }
  }
  if (refused.length === 0) return operations;
  const advice = version === 2 ? 'save to .keras instead, or to a folder' : 'save to a folder instead';
  throw unsupported(file, `Keras ${version} can't have these layers: ${refused.join(', ')}; ${advice}`);
}

/** Why this version of Keras can't have the layer, if so. */
function problemOf(layer: Layer, version: KerasVersion): string | undefined {
  const className = layer.getClassName();
  if (Object.hasOwn(REFUSED, className)) return REFUSED[className];
  if (className === 'ThresholdedReLU' && version === 3) return "ThresholdedReLU isn't in Keras 3";
  if (className === 'RandomContrast' && version === 2 && String(layer.getConfig().valueRange) !== '0,255')
    return 'there RandomContrast has the value range [0, 255]';
  return hasOwnFormula(layer, version) ? `it computes by a formula that Keras ${version} hasn't` : undefined;
}

function stepsOrProblem(
  layer: Operation,
  model: Model,
  version: KerasVersion,
): readonly KerasStep[] | string {
  if (version === 2) return 'it is an operation';
  if (model.getClassName() === 'Sequential') return "it is an operation, which Keras's Sequential can't have";
  try {
    return kerasSteps(new OperationUse(layer));
  } catch (error) {
    if (error instanceof KerasLacks) return error.message;
    throw error;
  }
}

function warnOfTraining(model: Model): void {
  const layers = [...modelsWithin(model)].flatMap((inner) => inner.layers);
  const layer = layers.find(({ nodes }) => nodes.some(({ options }) => options.training === false));
  if (!layer) return;
  warnOnce(
    model,
    `${model.name} applies '${layer.name}' with training: false, which Keras 3 ignores when it trains: freeze the layer there.`,
  );
}

/** Whether the layer computes by a formula that this version of Keras has not. */
function hasOwnFormula(layer: Layer, version: KerasVersion): boolean {
  const { activation, interpolation } = layer.getConfig();
  if (activation === 'hardSigmoid') return (layer.formulas === 'keras') !== (version === 3);
  if (layer.formulas !== 'tfjs') return false;
  const className = layer.getClassName();
  if (className === 'UpSampling2D') return interpolation !== 'nearest';
  return ['Resizing', 'CenterCrop', 'Dot'].includes(className);
}

function modelEntry(target: ConfigTarget, model: Model): JsonObject {
  const className = model.getClassName();
  const config = model.getConfig();
  const { layers, inputLayers, outputLayers } = config as unknown as SavedGraph;
  const names = kerasNames(model);
  const entries = layers.map((entry, i) => {
    const name = names.get(entry.config.name as string);
    return layerEntry(target, model.layers[i], { ...entry, config: { ...entry.config, name } });
  });
  const shared = { name: kerasName(model.name), trainable: config.trainable !== false };
  if (className === 'Sequential') {
    const [first] = model.layers;
    const isStated = first instanceof InputLayer;
    const inputs = isStated ? [] : [inputEntry(kerasName(`${first.name}_input`), model.inputs[0].shape)];
    return { ...CHAIN, class_name: className, config: { ...shared, layers: [...inputs, ...entries] } };
  }
  const sources = new Map(
    model.layers.map((layer): [string, Source] => [
      layer.name,
      { layer, name: names.get(layer.name) as string },
    ]),
  );
  const taken = new Set(names.values());
  const graph = entries.flatMap((entry, i) => {
    const [layer, name] = [model.layers[i], names.get(layers[i].name) as string];
    const nodes = layers[i].inboundNodes;
    const steps = target.operations.get(layer);
    if (!steps) {
      return { ...entry, name, inbound_nodes: nodes.map((node) => kerasNode(sources, layer, node)) };
    }
    const operands = operandsOf(target, layer as Operation);
    const uses = nodes.map((node) => withConstants(tensorsOf(sources, node), operands));
    return operationEntries(steps, freeNames(name, steps.length, taken), uses);
  });
  const number = ([from, use, output]: Reference) => {
    const { layer, name } = sources.get(from) as Source;
    return [name, layer.getClassName() === 'Functional' ? use : useOf(layer, use), output];
  };
  return {
    ...GRAPH,
    class_name: className,
    config: {
      ...shared,
      layers: graph,
      input_layers: single(inputLayers.map(number)),
      output_layers: single(outputLayers.map(number)),
    },
  };
}

/** Keras makes no list of one. */
function single(list: readonly unknown[]): unknown {
  return list.length === 1 ? list[0] : list;
}

/** A layer that gives values, with its name in the file. */
interface Source {
  layer: Layer;
  name: string;
}

/** Names in Keras have no slashes. */
function kerasName(name: string): string {
  return name.replaceAll('/', '_');
}

/** Names for Keras by the layers' own. */
function kerasNames({ layers }: Model): ReadonlyMap<string, string> {
  const taken = new Set(layers.map(({ name }) => name));
  return new Map(
    layers.map(({ name }) => {
      let free = kerasName(name);
      while (free !== name && taken.has(free)) free += '_';
      taken.add(free);
      return [name, free];
    }),
  );
}

/** Keras 3 counts the uses of a model from 0, but those that are outputs from 1 if it is no Sequential. */
function useOf(layer: Layer, use: number): number {
  return layer.isModel ? use - 1 : use;
}

function kerasNode(
  sources: ReadonlyMap<string, Source>,
  layer: Layer,
  node: readonly Reference[],
): JsonObject {
  const tensors = tensorsOf(sources, node);
  const [, , , options] = node[node.length - 1];
  const kwargs = options?.training === false ? { training: false } : {};
  return { args: layer.takesSeveral || tensors.length > 1 ? [tensors] : tensors, kwargs };
}

function tensorsOf(sources: ReadonlyMap<string, Source>, node: readonly Reference[]): JsonObject[] {
  return node.map(([from, use, output]) => {
    const { layer: source, name } = sources.get(from) as Source;
    const { outputs } = source instanceof InputLayer ? source.output.node : source.nodes[0];
    return kerasTensor(outputs[output].shape, [name, useOf(source, use), output]);
  });
}

/** The constants of an operation with their positions, as Keras writes them. */
function operandsOf({ values }: ConfigTarget, layer: Operation): Operand[] {
  const arrays = values.get(layer.stores[0])?.values() ?? [].values();
  return layer.constants.map((constant) => {
    const { position } = constant;
    if ('value' in constant) return { position, operand: constant.value };
    const array = arrays.next().value as Float32Array;
    return { position, operand: constantTensor(constant.shape, array) };
  });
}

function inputEntry(name: unknown, shape: unknown, dtype: unknown = 'float32'): JsonObject {
  const config = { batch_shape: shape, dtype, sparse: false, name };
  return { module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null };
}

function layerEntry(target: ConfigTarget, layer: Layer, { className, config }: LayerEntry): JsonObject {
  const inner = modelOf(layer);
  if (inner) return modelEntry(target, inner);
  if (className === 'InputLayer') return inputEntry(config.name, config.batchInputShape, config.dtype);
  const { batchInputShape: _, ...own } = config;
  return {
    module: 'keras.layers',
    class_name: className,
    config: layerConfig(target, layer, className, toPythonCase(own)),
    registered_name: null,
  };
}

/** A layer's options with Keras's names, and with objects as Keras writes them. */
function layerConfig(target: ConfigTarget, layer: Layer, className: string, config: JsonObject): JsonObject {
  const written: JsonObject = {};
  for (const [key, value] of Object.entries(config)) {
    const module = isObject(value) && MODULES.find(([option]) => option.test(key))?.[1];
    if (key === 'layer' && layer.inner) {
      const { className: innerClass, config: innerConfig } = layer.getConfig().layer as LayerEntry;
      written.layer = layerEntry(target, layer.inner, { className: innerClass, config: innerConfig });
    } else if (module) {
      written[key] = { module, ...(value as JsonObject), registered_name: null };
    } else {
      written[key] = value;
    }
  }
  return adaptedOptions(target.file, className, written);
}

/** Options that have another name or form in Keras. */
function adaptedOptions(file: string, className: string, config: JsonObject): JsonObject {
  if (className === 'LeakyReLU') {
    const { alpha, ...rest } = config;
    return { ...rest, negative_slope: alpha };
  }
  if (className !== 'RandomBrightness' && className !== 'RandomContrast') return config;
  const { data_format: format, ...rest } = config;
  if (format !== 'channels_first') return rest;
  throw unsupported(file, `Keras's ${className} can't have the dataFormat ${show('channelsFirst')}`);
}
