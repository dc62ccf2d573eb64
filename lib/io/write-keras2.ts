import type { WeightRef } from '../layers/weight-tensors.js';
import { trainedWeights } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { unsupported } from './failures.js';
import { type DatasetToWrite, type GroupToWrite, writeHdf5 } from './hdf5-write.js';
import { keras2Config } from './keras2-config.js';
import { writeKeras2Training } from './keras-compile.js';
import { writeKerasConfig } from './keras-config.js';
import { keras2OptimizerArrays } from './keras-optimizer.js';
import type { JsonObject } from './read-model-json.js';
import { writeAtomically, writeSynced } from './write-files.js';
import { type Snapshot, snapshotOf } from './write-keras.js';

/** The version of Keras whose format is written. */
const KERAS_VERSION = '2.15.0';

/** Names in an attribute: HDF5 has no larger ones than 64 KiB. Keras divides longer lists alike. */
const NAMES_PER_ATTRIBUTE = 1000;

/**
 * Writes a model to a whole model in HDF5, as Keras 2 does, whole or not at all. Rejects as writeKeras does. Returns
 * the config and the number of bytes.
 */
export async function writeKeras2(
  path: string,
  model: Model,
  includeOptimizer: boolean,
): Promise<{ config: JsonObject; bytes: number }> {
  const { values, optimizer } = await snapshotOf(model, includeOptimizer);
  const config = keras2Config(writeKerasConfig(path, model, values, 2));
  const written = config.config as { layers: { config: { name: string } }[] };
  // A chain's input is no layer of the model.
  const names = written.layers.slice(-model.layers.length).map((entry) => entry.config.name);
  const valuesOf = ({ store, index }: WeightRef) => values.get(store)?.[index] as Float32Array;
  const attributes = { keras_version: KERAS_VERSION, backend: 'tensorflow' };
  const settings = includeOptimizer && {
    training_config: JSON.stringify(writeKeras2Training(path, model)),
  };
  const bytes = await writeHdf5(path, [
    { path: '/', attributes: { ...attributes, model_config: JSON.stringify(config), ...settings } },
    { path: 'model_weights', attributes: { ...attributes, ...listed('layer_names', names) } },
    ...model.layers.flatMap((layer, i) => {
      const { trainable, others } = layer.weightParts;
      return layerMembers(path, names[i], [...trainable, ...others], valuesOf);
    }),
    ...(optimizer ? optimizerMembers(model, optimizer) : []),
  ]);
  await writeAtomically(path, async (temporary) => {
    await writeSynced(temporary, [bytes]);
  });
  return { config, bytes: bytes.length };
}

/** The group of the optimizer, with its arrays in groups of their slots and layers. */
function optimizerMembers(
  model: Model,
  { description, state }: NonNullable<Snapshot['optimizer']>,
): (GroupToWrite | DatasetToWrite)[] {
  const path = 'optimizer_weights';
  const arrays = keras2OptimizerArrays(description, state, trainedWeights(model));
  const names = arrays.map(({ name }) => name);
  return [
    { path, attributes: listed('weight_names', names) },
    ...groupsOf(names).map((group) => ({ path: `${path}/${group}` })),
    ...arrays.map(({ name, shape, values }) => ({ path: `${path}/${name}`, shape, values })),
  ];
}

/** The groups in which objects of these paths lie, outer ones first. */
function groupsOf(paths: readonly string[]): string[] {
  const groups = paths.flatMap((path) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  });
  return [...new Set(groups)];
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
  return [
    { path, attributes: listed('weight_names', names) },
    ...groupsOf(names).map((group) => ({ path: `${path}/${group}` })),
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
