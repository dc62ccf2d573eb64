import type { WeightRef } from '../layers/weight-tensors.js';
import { byStore } from '../network/live-programs.js';
import type { Model } from '../network/model.js';
import { unsupported } from './failures.js';
import { type DatasetToWrite, type GroupToWrite, writeHdf5 } from './hdf5-write.js';
import { keras2Config } from './keras2-config.js';
import { writeKerasConfig } from './keras-config.js';
import type { JsonObject } from './read-model-json.js';
import { writeAtomically, writeSynced } from './write-files.js';

/** The version of Keras whose format is written. */
const KERAS_VERSION = '2.15.0';

/** Names in an attribute: HDF5 has no larger ones than 64 KiB. Keras divides longer lists alike. */
const NAMES_PER_ATTRIBUTE = 1000;

/**
 * Writes the layers and weights of a model to a whole model in HDF5, as Keras 2 does, whole or not at all. Rejects
 * as writeKeras does.
 */
export async function writeKeras2(
  path: string,
  model: Model,
): Promise<{ config: JsonObject; bytes: number }> {
  const snapshot = await model.state.snapshot();
  const values = byStore(model.state.weightStores, snapshot.weights);
  const config = keras2Config(path, writeKerasConfig(path, model, values));
  const written = config.config as { layers: { config: { name: string } }[] };
  // A chain's input is no layer of the model.
  const names = written.layers.slice(-model.layers.length).map((entry) => entry.config.name);
  const valuesOf = ({ store, index }: WeightRef) => values.get(store)?.[index] as Float32Array;
  const attributes = { keras_version: KERAS_VERSION, backend: 'tensorflow' };
  const bytes = await writeHdf5(path, [
    { path: '/', attributes: { ...attributes, model_config: JSON.stringify(config) } },
    { path: 'model_weights', attributes: { ...attributes, ...listed('layer_names', names) } },
    ...model.layers.flatMap((layer, i) => {
      const { trainable, others } = layer.weightParts;
      return layerMembers(path, names[i], [...trainable, ...others], valuesOf);
    }),
  ]);
  await writeAtomically(path, async (temporary) => {
    await writeSynced(temporary, [bytes]);
  });
  return { config, bytes: bytes.length };
}

/** The group of a layer, and its arrays in the groups of their own layers. */
function layerMembers(
  file: string,
  name: string,
  weights: readonly WeightRef[],
  valuesOf: (weight: WeightRef) => Float32Array,
): (GroupToWrite | DatasetToWrite)[] {
  const names = weights.map(({ store, spec }) => `${store.layerName.replaceAll('/', '_')}/${spec.name}:0`);
  if (new Set(names).size < names.length)
    throw unsupported(file, `'${name}' has several layers of one name; save to .keras instead`);
  const path = `model_weights/${name}`;
  const groups = new Set(names.map((each) => each.slice(0, each.indexOf('/'))));
  return [
    { path, attributes: listed('weight_names', names) },
    ...[...groups].map((group) => ({ path: `${path}/${group}` })),
    ...weights.map((weight, i) => ({
      path: `${path}/${names[i]}`,
      shape: weight.spec.shape,
      values: valuesOf(weight),
    })),
  ];
}

/** A list of names as an attribute, or several; none if it is empty. */
function listed(name: string, names: readonly string[]): Record<string, readonly string[]> {
  if (names.length === 0) return {};
  if (names.length <= NAMES_PER_ATTRIBUTE) return { [name]: names };
  const count = Math.ceil(names.length / NAMES_PER_ATTRIBUTE);
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${name}${i}`,
      names.slice(i * NAMES_PER_ATTRIBUTE, (i + 1) * NAMES_PER_ATTRIBUTE),
    ]),
  );
}
