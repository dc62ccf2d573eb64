import { type PlacedWeight, placedWeights, weightsByLayer } from '../layers/weight-tensors.js';
import type { WeightStore } from '../layers/weight-store.js';
import { weightNames } from './file-names.js';
import type { LayersModel } from './layers-model.js';
import type { Shape } from '../program/description.js';

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
export function namedWeights(model: LayersModel, names = weightNames(model)): NamedWeight[] {
  return placedWeights(model.layers).map(naming(model, names));
}

/** The same in the order of the optimizer's slots, which `trainable` doesn't change once the model is compiled. */
export function slotWeights(model: LayersModel, names = weightNames(model)): NamedWeight[] {
  return weightsByLayer(model.layers).map(naming(model, names));
}

function naming(
  model: LayersModel,
  names: ReturnType<typeof weightNames>,
): (weight: PlacedWeight) => NamedWeight {
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
export function trainedWeights(model: LayersModel): NamedWeight[] {
  const { trained } = model.compiled;
  const stores = new Set([...trained].flatMap((layer) => layer.stores));
  return slotWeights(model).filter(({ store, spec }) => stores.has(store) && spec.trainable !== false);
}
