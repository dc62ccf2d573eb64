import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { WeightStore } from '../layers/weight-store.js';
import type { LayersModel } from './layers-model.js';
import { innermost, modelsWithin } from './trained-layers.js';

/** The names of layers in a file, by model: that of a layer which several models share is the same in each. */
export type FileNames = ReadonlyMap<LayersModel, ReadonlyMap<Layer, string>>;

/**
 * Names that are unique in the model and those inside it, as TF.js needs them: those of the layers, but with "_1" and so on where a
 * layer of a model outside, or an earlier one, has the name. An input is a layer of its own in each model.
 */
export function fileNames(model: LayersModel): FileNames {
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

export function weightNames(model: LayersModel): WeightNames {
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
