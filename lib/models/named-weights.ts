import { type PlacedWeight, placedWeights } from '../layers/weight-tensors.js';
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

/**
 * The model's weights in TF.js's order, those that training can change first, with the names that files give them. Where layers of
 * models inside this one have names in common, the later weights are "conv2d_1/kernel_1" and so on.
 */
export function namedWeights(model: LayersModel): NamedWeight[] {
  const places = new Map<string, number>();
  const stores = model.state.weightStores;
  let next = 0;
  for (const [s, { specs }] of stores.entries()) {
    for (const i of specs.keys()) places.set(`${s}/${i}`, next++);
  }
  const seen = new Map<string, number>();
  return placedWeights(model.layers).map((weight) => {
    const { spec, store, index } = weight;
    const name = `${store.layerName}/${spec.name}`;
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    const place = places.get(`${stores.indexOf(store)}/${index}`) as number;
    return { ...weight, name: number === 0 ? name : `${name}_${number}`, shape: spec.shape, place };
  });
}

/** Those that training changes, as compile settled it. Throws NOT_COMPILED. */
export function trainedWeights(model: LayersModel): NamedWeight[] {
  const { trained } = model.compiled;
  const stores = new Set([...trained].flatMap((layer) => layer.stores));
  return namedWeights(model).filter(({ store, spec }) => stores.has(store) && spec.trainable !== false);
}
