import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { WeightStore } from '../layers/weight-store.js';
import { type WeightRef, weightRefs, weightsByLayer } from '../layers/weight-tensors.js';
import type { Shape } from '../program/description.js';
import { innermost, type Model, modelsWithin } from './model.js';

/** Names of layers in a file, for each model. A layer that several models share has the same name in each. */
export type FileNames = ReadonlyMap<Model, ReadonlyMap<Layer, string>>;

/**
 * Names that are unique across the model and its nested models, as TF.js requires. A layer keeps its own name
 * unless a layer of an outer model, or an earlier layer, has it; then "_1", "_2", ... is added. Each model
 * has its own input layers.
 */
export function fileNames(model: Model): FileNames {
  const models = [...modelsWithin(model)];
  const unique = uniqueNames(models.flatMap(({ layers }) => layers.map(({ name }) => name)));
  const shared = new Map<Layer, string>();
  const nameOf = (layer: Layer): string => {
    const name = shared.get(layer) ?? unique(layer.name);
    if (!(layer instanceof InputLayer)) shared.set(layer, name);
    return name;
  };
  return new Map(models.map((each) => [each, new Map(each.layers.map((layer) => [layer, nameOf(layer)]))]));
}

/**
 * Returns a function that makes names unique. The first request for a name returns it as it is; later ones
 * append the next number that collides with no name in `all`.
 */
function uniqueNames(all: readonly string[]): (name: string) => string {
  const taken = new Set(all);
  const numbers = new Map<string, number>();
  return (name) => {
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, 0);
      return name;
    }
    do number++;
    while (taken.has(`${name}_${number}`));
    numbers.set(name, number);
    taken.add(`${name}_${number}`);
    return `${name}_${number}`;
  };
}

/** Names in a file of each store's weights, such as "conv2d_1/kernel". */
export type WeightNames = ReadonlyMap<WeightStore, readonly string[]>;

export function weightNames(model: Model): WeightNames {
  const names = new Map<WeightStore, readonly string[]>();
  for (const layers of fileNames(model).values()) {
    for (const [layer, name] of layers) {
      if (innermost(layer).isModel) continue;
      for (const store of layer.stores)
        names.set(
          store,
          store.specs.map((spec) => `${name}/${spec.name}`),
        );
    }
  }
  return names;
}

/**
 * Weight names of version 0.1.0: if layers in different models have the same name, later weights in the file
 * are "conv2d_1/kernel_1" and so on.
 */
export function weightNamesOfFormat1(layersInFile: readonly Layer[]): WeightNames {
  const seen = new Map<string, number>();
  const nameOf = (name: string) => {
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return number === 0 ? name : `${name}_${number}`;
  };
  const stores = layersInFile.filter((layer) => !innermost(layer).isModel).flatMap((layer) => layer.stores);
  return new Map(
    stores.map((store) => [store, store.specs.map(({ name }) => nameOf(`${store.layerName}/${name}`))]),
  );
}

export interface NamedShape {
  /** Such as "conv2d_1/kernel". */
  name: string;
  shape: Shape;
}

/** A weight with its name in files. `programIndex` is its index among the weights of the model's program. */
export interface NamedWeight extends NamedShape, WeightRef {
  programIndex: number;
}

/**
 * The model's weights in TF.js's order, with their names in files; by default those that the model would
 * write.
 */
export function namedWeights(model: Model, names = weightNames(model)): NamedWeight[] {
  return weightRefs(model.layers).map(naming(model, names));
}

/**
 * The model's weights in the order of the optimizer's slots. Once the model is compiled, `trainable` doesn't
 * change it.
 */
export function slotWeights(model: Model, names = weightNames(model)): NamedWeight[] {
  return weightsByLayer(model.layers).map(naming(model, names));
}

function naming(model: Model, names: ReturnType<typeof weightNames>): (weight: WeightRef) => NamedWeight {
  const firstIndices = new Map<WeightStore, number>();
  let next = 0;
  for (const store of model.state.weightStores) {
    firstIndices.set(store, next);
    next += store.specs.length;
  }
  return (weight) => {
    const { spec, store, index } = weight;
    const name = (names.get(store) as readonly string[])[index];
    return { ...weight, name, shape: spec.shape, programIndex: (firstIndices.get(store) as number) + index };
  };
}

/** The weights that training changes, as of compile. Throws NOT_COMPILED. */
export function trainedWeights(model: Model): NamedWeight[] {
  const { trained } = model.compiled;
  const stores = new Set([...trained].flatMap((layer) => layer.stores));
  return slotWeights(model).filter(({ store, spec }) => stores.has(store) && spec.trainable !== false);
}
