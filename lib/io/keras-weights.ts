import type { Layer } from '../layers/base-layer.js';
import { Normalization } from '../layers/preprocessing/normalization.js';
import { snakeCase } from '../layers/snake-case.js';
import type { WeightStore } from '../layers/weight-store.js';
import type { WeightRef } from '../layers/weight-tensors.js';
import { type Model, modelOf } from '../network/model.js';
import { isModelClass } from '../network/saved-config.js';
import { show } from '../options.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import { type Hdf5Dataset, type Hdf5Group, stringList } from './hdf5.js';
import { isObject } from './read-model-json.js';

/** Where a file of Keras holds the weights of a model. */
export interface KerasWeights {
  /** The arrays of each store, in the order of its specs. */
  arrays: Map<WeightStore, Hdf5Dataset[]>;
  /** Layers that were adapted to data, with the arrays of their mean and variance. */
  adapted: Map<Normalization, readonly [Hdf5Dataset, Hdf5Dataset]>;
}

/** A layer with the name of its class, in the order of the config. */
interface Listed {
  layer: Layer;
  className: string;
  config: unknown;
}

/**
 * Finds the weights that Keras 3 stores by path: `layers/conv2d_1/vars/0`. Groups are numbered by class in the
 * order of the config; layers' names don't count. Throws CORRUPT_FILE if an array is missing or has another
 * shape.
 */
export function weightsByPath(file: string, model: Model, config: unknown, root: Hdf5Group): KerasWeights {
  const found: KerasWeights = { arrays: new Map(), adapted: new Map() };
  findByPath(file, model, config, root, found);
  return found;
}

function findByPath(file: string, model: Model, config: unknown, group: Hdf5Group, found: KerasWeights) {
  const layers = group.children.get('layers') ?? group.children.get('_layer_checkpoint_dependencies');
  const numbers = new Map<string, number>();
  for (const { layer, className, config: own } of listedLayers(model, config)) {
    const base = snakeCase(className);
    const number = numbers.get(base) ?? 0;
    numbers.set(base, number + 1);
    const name = number === 0 ? base : `${base}_${number}`;
    const child = layers?.kind === 'group' ? layers.children.get(name) : undefined;
    const inner = modelOf(layer);
    if (child?.kind !== 'group') {
      if (layer.stores.length > 0)
        throw corrupt(file, `the group layers/${name} of '${layer.name}' is missing`);
    } else if (inner) {
      findByPath(file, inner, own, child, found);
    } else {
      const refs = layer.stores.flatMap((store) =>
        store.specs.map((spec, index) => ({ spec, store, index })),
      );
      take(file, layer, refs, numberedArrays(child), found);
    }
  }
}

/** The layers of a model that have groups of their own, in the order of its config. */
function listedLayers(model: Model, config: unknown): Listed[] {
  const isGraph = isObject(config) && 'input_layers' in config;
  const entries = isObject(config) && Array.isArray(config.layers) ? config.layers : [];
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  return entries.flatMap((entry) => {
    if (!isObject(entry) || !isObject(entry.config)) return [];
    const { class_name: className, config: own, module } = entry;
    if (typeof className !== 'string' || (typeof module === 'string' && /\.ops\./.test(module))) return [];
    if (className === 'InputLayer' && !isGraph) return [];
    const layer = byName.get(String(entry.name ?? own.name));
    if (!layer) return [];
    const isGraphModel = isModelClass(className) && className !== 'Sequential';
    return [{ layer, className: isGraphModel ? 'Functional' : className, config: own }];
  });
}

/** The arrays in `vars`, by number; a wrapper has those of its layer. */
export function numberedArrays(group: Hdf5Group): Hdf5Dataset[] {
  const vars = group.children.get('vars');
  const members = vars?.kind === 'group' ? [...vars.children] : [];
  const own = members
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([, member]) => (member.kind === 'dataset' ? [member] : []));
  const wrapped = group.children.get('layer');
  return wrapped?.kind === 'group' ? [...own, ...numberedArrays(wrapped)] : own;
}

/**
 * Finds the weights that Keras 2, and Keras 3 in its legacy format, store by the names of layers. A nested
 * model's group has the weights that it trains, then the others. Throws CORRUPT_FILE as weightsByPath does.
 */
export function weightsByName(file: string, model: Model, root: Hdf5Group): KerasWeights {
  const found: KerasWeights = { arrays: new Map(), adapted: new Map() };
  for (const layer of model.layers) {
    const group = memberAt(root, layer.name);
    if (group?.kind === 'group') {
      const { trainable, others } = layer.weightParts;
      take(file, layer, [...trainable, ...others], namedArrays(file, group), found);
    } else if (layer.stores.length > 0)
      throw corrupt(file, `the weights of the layer '${layer.name}' are missing`);
  }
  return found;
}

/** The arrays that a group's `weight_names` lists, in its order. */
export function namedArrays(file: string, group: Hdf5Group): Hdf5Dataset[] {
  return (stringList(group.attributes, 'weight_names') ?? []).map((name) => {
    const member = memberAt(group, name);
    if (member?.kind === 'dataset') return member;
    throw corrupt(file, `the array ${show(`${group.path}/${name}`)} is missing`);
  });
}

/** A member by its path. Names with slashes make nested groups. */
function memberAt(group: Hdf5Group, path: string): Hdf5Group | Hdf5Dataset | undefined {
  let member: Hdf5Group | Hdf5Dataset | undefined = group;
  for (const part of path.split('/'))
    member = member?.kind === 'group' ? member.children.get(part) : undefined;
  return member;
}

function take(
  file: string,
  layer: Layer,
  refs: readonly WeightRef[],
  arrays: readonly Hdf5Dataset[],
  { arrays: found, adapted }: KerasWeights,
): void {
  if (layer instanceof Normalization && arrays.length >= 2) {
    adapted.set(layer, [arrays[0], arrays[1]]);
    return;
  }
  if (arrays.length !== refs.length) {
    throw corrupt(
      file,
      `the layer '${layer.name}' has ${refs.length} weights, but the file has ${arrays.length}`,
    );
  }
  for (const [i, { spec, store, index }] of refs.entries()) {
    if (!sameShape(arrays[i].shape, spec.shape)) {
      throw corrupt(
        file,
        `the ${spec.name} of '${store.layerName}' is ${showShape(arrays[i].shape)}, but the model needs ${showShape(spec.shape)}`,
      );
    }
    const list = found.get(store) ?? [];
    list[index] = arrays[i];
    found.set(store, list);
  }
}
