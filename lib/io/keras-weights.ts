import type { Layer } from '../layers/base-layer.js';
import { Operation } from '../layers/operation/index.js';
import { Normalization } from '../layers/preprocessing/normalization.js';
import type { WeightStore } from '../layers/weight-store.js';
import type { WeightRef } from '../layers/weight-tensors.js';
import type { NamedWeight } from '../network/file-names.js';
import { type Model, modelOf } from '../network/model.js';
import { isModelClass } from '../network/saved-config.js';
import { show } from '../options.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import { type Hdf5Dataset, type Hdf5Group, stringList } from './hdf5.js';
import { type GroupedLayer, GroupNames, groupedLayers } from './keras-members.js';
import { isOperator } from './read-operator.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Where a file of Keras holds the weights of a model. */
export interface KerasWeights {
  /** The arrays of each store, in the order of its specs. */
  arrays: Map<WeightStore, Hdf5Dataset[]>;
  /** Layers that were adapted to data, with the arrays of their mean and variance. */
  adapted: Map<Normalization, readonly [Hdf5Dataset, Hdf5Dataset]>;
}

/**
 * Finds the weights that Keras 3 stores by path: `layers/conv2d_1/vars/0`. Groups are numbered by class in the
 * order of the config, or else of the model's layers; their names don't count. Throws CORRUPT_FILE if an array is
 * missing or has another shape.
 */
export function weightsByPath(file: string, model: Model, config: unknown, root: Hdf5Group): KerasWeights {
  const found: KerasWeights = { arrays: new Map(), adapted: new Map() };
  findByPath(file, model, config, root, found);
  return found;
}

function findByPath(file: string, model: Model, config: unknown, group: Hdf5Group, found: KerasWeights) {
  const layers = group.children.get('layers') ?? group.children.get('_layer_checkpoint_dependencies');
  const listed: readonly ListedLayer[] = isObject(config)
    ? listedLayers(model, config)
    : groupedLayers(model);
  for (const { layer, group: name, config: own } of listed) {
    const child = layers?.kind === 'group' ? layers.children.get(name) : undefined;
    const inner = modelOf(layer);
    if (child?.kind !== 'group') {
      if (hasWeights(layer))
        throw corrupt(file, `the group ${group.path}/layers/${name} of '${layer.name}' is missing`);
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

/** A layer with its entry in the config, if there is one. */
interface ListedLayer extends GroupedLayer {
  config?: unknown;
}

/** The layers of a model that have groups of their own, in the order of its config. */
function listedLayers(model: Model, config: JsonObject): ListedLayer[] {
  const isGraph = 'input_layers' in config;
  const entries = Array.isArray(config.layers) ? config.layers : [];
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  const names = new GroupNames();
  return entries.flatMap((entry) => {
    if (!isObject(entry) || !isObject(entry.config)) return [];
    const { class_name: className, config: own } = entry;
    if (typeof className !== 'string' || isOperator(entry)) return [];
    if (className === 'InputLayer' && !isGraph) return [];
    const layer = byName.get(String(entry.name ?? own.name));
    if (!layer) return [];
    const isGraphModel = isModelClass(className) && className !== 'Sequential';
    return [{ layer, group: names.next(isGraphModel ? 'Functional' : className), config: own }];
  });
}

/** The values of all arrays. */
export async function readAll(
  arrays: ReadonlyMap<WeightStore, readonly Hdf5Dataset[]>,
): Promise<Map<WeightStore, Float32Array[]>> {
  const values = new Map<WeightStore, Float32Array[]>();
  for (const [store, each] of arrays) {
    const read: Float32Array[] = [];
    for (const array of each) read.push(await array.read());
    values.set(store, read);
  }
  return values;
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

/** How layers are found that a file stores by name. */
export type Matching = 'all' | 'byName' | 'byOrder';

/**
 * Finds the weights that Keras 2, and Keras 3 in its legacy format, store by the names of layers. A nested
 * model's group has the weights that it trains, then the others. Throws CORRUPT_FILE as weightsByPath does.
 *
 * @param matching Whether all layers with weights must be in the file by their names, or those in it count, or
 * they are told by their order alone.
 */
export function weightsByName(
  file: string,
  model: Model,
  root: Hdf5Group,
  matching: Matching = 'all',
): KerasWeights {
  const found: KerasWeights = { arrays: new Map(), adapted: new Map() };
  const groups = matching === 'byOrder' ? groupsByOrder(file, model, root) : undefined;
  for (const layer of model.layers) {
    if (layer instanceof Operation) continue;
    const group = groups ? groups.get(layer) : memberAt(root, layer.name);
    if (group?.kind === 'group') {
      const { trainable, others } = layer.weightParts;
      take(file, layer, [...trainable, ...others], namedArrays(file, group), found);
    } else if (hasWeights(layer) && matching === 'all')
      throw corrupt(file, `the weights of the layer '${layer.name}' are missing`);
  }
  if (matching === 'byName' && found.arrays.size + found.adapted.size === 0)
    throw corrupt(file, `no layer in it has the name of a layer with weights of '${model.name}'`);
  return found;
}

/** The layers' groups, if the file lists as many with weights as the model has. */
function groupsByOrder(file: string, model: Model, root: Hdf5Group): ReadonlyMap<Layer, Hdf5Group> {
  const groups = (stringList(root.attributes, 'layer_names') ?? []).flatMap((name) => {
    const group = memberAt(root, name);
    return group?.kind === 'group' && namedArrays(file, group).length > 0 ? [group] : [];
  });
  const layers = model.layers.filter((layer) => hasWeights(layer) || layer instanceof Normalization);
  if (groups.length !== layers.length) {
    throw corrupt(
      file,
      `it has weights of ${groups.length} layers (${groups.map(({ path }) => path).join(', ')}), but '${model.name}' has ${layers.length} (${layers.map(({ name }) => name).join(', ')}); with byName: true, those of equal names are loaded`,
    );
  }
  return new Map(layers.map((layer, i) => [layer, groups[i]]));
}

/** Constants of operations are no weights in Keras. */
function hasWeights(layer: Layer): boolean {
  return !(layer instanceof Operation) && layer.stores.some(({ specs }) => specs.length > 0);
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

/** Weights in the order of their layers in the file. */
export function inOrderOf(stores: Iterable<WeightStore>, weights: readonly NamedWeight[]): NamedWeight[] {
  const places = new Map([...stores].map((store, i) => [store, i]));
  return [...weights].sort((a, b) => (places.get(a.store) ?? 0) - (places.get(b.store) ?? 0));
}
