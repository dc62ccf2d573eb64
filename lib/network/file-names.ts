import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { WeightStore } from '../layers/weight-store.js';
import { type PlacedWeight, placedWeights, weightsByLayer } from '../layers/weight-tensors.js';
import type { Shape } from '../program/description.js';
import { innermost, type Model, modelsWithin } from './model.js';

/** The names of layers in a file, by model: that of a layer which several models share is the same in each. */
export type FileNames = ReadonlyMap<Model, ReadonlyMap<Layer, string>>;

/**
 * Names that are unique in the model and those inside it, as TF.js needs them: those of the layers, but with "_1" and so on where a
 * layer of a model outside, or an earlier one, has the name. An input is a layer of its own in each model.
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

/** Gives each name that it is asked for once as it is; later with the next number that makes none of `all`. */
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

/** What a file calls the weights of each store, "conv2d_1/kernel". */
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

/** As version 0.1.0 named them: where layers in models had names in common, the later weights, by the order of the file, are "conv2d_1/kernel_1". */
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
  /** "conv2d_1/kernel" */
  name: string;
  shape: Shape;
}

/** A weight with its name in files and its place among those of a model's program. */
export interface NamedWeight extends NamedShape, PlacedWeight {
  place: number;
}

/** The model's weights in TF.js's order, with the names that files give them: those that it would write, if no others are given. */
export function namedWeights(model: Model, names = weightNames(model)): NamedWeight[] {
  return placedWeights(model.layers).map(naming(model, names));
}

/** The same in the order of the optimizer's slots, which `trainable` doesn't change once the model is compiled. */
export function slotWeights(model: Model, names = weightNames(model)): NamedWeight[] {
  return weightsByLayer(model.layers).map(naming(model, names));
}

function naming(model: Model, names: ReturnType<typeof weightNames>): (weight: PlacedWeight) => NamedWeight {
  const places = new Map<WeightStore, number>();
  let next = 0;
  for (const store of model.state.weightStores) {
    places.set(store, next);
    next += store.specs.length;
  }
  return (weight) => {
    const { spec, store, index } = weight;
    const name = (names.get(store) as readonly string[])[index];
    return { ...weight, name, shape: spec.shape, place: (places.get(store) as number) + index };
  };
}

/** Those that training changes, as compile settled it. Throws NOT_COMPILED. */
export function trainedWeights(model: Model): NamedWeight[] {
  const { trained } = model.compiled;
  const stores = new Set([...trained].flatMap((layer) => layer.stores));
  return slotWeights(model).filter(({ store, spec }) => stores.has(store) && spec.trainable !== false);
}
