import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import { Operation } from '../layers/operation/index.js';
import { snakeCase } from '../layers/snake-case.js';
import type { WeightStore } from '../layers/weight-store.js';
import { type Model, modelOf } from '../network/model.js';
import type { DatasetToWrite, GroupToWrite } from './hdf5-write.js';
import type { StoredArray } from './keras-optimizer.js';

type Values = ReadonlyMap<WeightStore, readonly Float32Array[]>;

/** A layer with the name of its group. */
export interface GroupedLayer {
  layer: Layer;
  group: string;
}

/** Names of groups, numbered by class: conv2d, conv2d_1. */
export class GroupNames {
  readonly #numbers = new Map<string, number>();

  next(className: string): string {
    const base = snakeCase(className);
    const number = this.#numbers.get(base) ?? 0;
    this.#numbers.set(base, number + 1);
    return number === 0 ? base : `${base}_${number}`;
  }
}

/** The layers of a model that Keras 3 gives groups, in its order. */
export function groupedLayers(model: Model): GroupedLayer[] {
  const names = new GroupNames();
  const isChain = model.getClassName() === 'Sequential';
  return model.layers
    .filter((layer) => !(layer instanceof Operation || (isChain && layer instanceof InputLayer)))
    .map((layer) => ({ layer, group: names.next(layer.getClassName()) }));
}

/** The groups and arrays of a weights file of Keras 3. */
export function kerasMembers(
  model: Model,
  values: Values,
  optimizer?: { name: string; arrays: readonly StoredArray[] },
): (GroupToWrite | DatasetToWrite)[] {
  return [
    ...modelMembers('', model, values),
    ...(optimizer
      ? [{ path: 'optimizer' }, ...variables('optimizer', optimizer.name, optimizer.arrays)]
      : []),
  ];
}

function modelMembers(path: string, model: Model, values: Values): (GroupToWrite | DatasetToWrite)[] {
  const layers = path === '' ? 'layers' : `${path}/layers`;
  return [
    ...variables(path, model.name, []),
    { path: layers },
    ...groupedLayers(model).flatMap(({ layer, group }) => {
      const own = `${layers}/${group}`;
      const inner = modelOf(layer);
      const members = inner ? modelMembers(own, inner, values) : layerMembers(own, layer, values);
      return [{ path: own }, ...members];
    }),
  ];
}

/** A wrapper's arrays are those of its inner layer, in a group of that. */
function layerMembers(path: string, layer: Layer, values: Values): (GroupToWrite | DatasetToWrite)[] {
  const { inner, name } = layer;
  if (inner) {
    const own = `${path}/layer`;
    const model = modelOf(inner);
    const members = model ? modelMembers(own, model, values) : layerMembers(own, inner, values);
    return [...variables(path, name, []), { path: own }, ...members];
  }
  const arrays = layer.stores.flatMap((store) =>
    store.specs.map(({ shape }, i) => ({ shape, values: values.get(store)?.[i] as Float32Array })),
  );
  return variables(path, name, arrays);
}

function variables(
  path: string,
  name: string,
  arrays: readonly StoredArray[],
): (GroupToWrite | DatasetToWrite)[] {
  const vars = path === '' ? 'vars' : `${path}/vars`;
  const datasets = arrays.map((array, i) => ({ ...array, path: `${vars}/${i}` }));
  return [{ path: vars, attributes: { name } }, ...datasets];
}
