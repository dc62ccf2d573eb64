import { type WeightStore, writeStores } from '../layers/weight-store.js';
import type { LayersModel } from '../models/index.js';
import { show } from '../options.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { blaming, corrupt } from './failures.js';
import { findModelJson, readLocation } from './locations.js';
import { readManifest, type WeightEntry } from './manifest.js';
import { restoreOptimizer, type StoredWeight } from './optimizer-state.js';
import { readModelJson } from './read-model-json.js';
import { readGroupValues } from './shards.js';
import { readTopology } from './topology.js';
import { readTrainingConfig } from './training-config.js';
import { type NamedShape, namedWeights, trainedWeights } from '../models/named-weights.js';

/**
 * Loads a model in TF.js's LayersModel format, whether convforge or TF.js wrote it; compiled, if it was saved with its optimizer.
 * The file is trusted in nothing: whatever it says is checked before memory is taken for it.
 *
 * @param location model.json or its folder: 'file://out/model.json', or a plain path.
 * @throws IO_ERROR; CORRUPT_FILE, with the fault; UNSUPPORTED for layers and the like that this version doesn't have; TOO_LARGE.
 */
export async function loadLayersModel(location: string): Promise<LayersModel> {
  const path = await findModelJson(readLocation(location, 'loadLayersModel'));
  const json = await readModelJson(path);
  const groups = readManifest(path, json);
  const { model, weightNames } = readTopology(path, json);
  const names = blaming(path, () => namedWeights(model, weightNames));
  const entries = groups.flatMap((group) => group.weights);
  checkWeights(path, entries, names);
  const isCompiled = readTrainingConfig(path, json, model);
  const stored: StoredWeight[] = [];
  for (const group of groups) {
    const values = await readGroupValues(path, group);
    for (const [i, entry] of group.weights.entries()) stored.push({ entry, values: values[i] });
  }
  const byName = new Map(stored.map(({ entry, values }) => [entry.name, values]));
  const values = new Map<WeightStore, Float32Array[]>();
  for (const { name, store, index } of names) {
    const arrays = values.get(store) ?? [];
    arrays[index] = byName.get(name) as Float32Array;
    values.set(store, arrays);
  }
  writeStores(values);
  const slots = stored.filter(({ entry }) => entry.isOptimizer);
  if (isCompiled && slots.length > 0) {
    const places = { weights: names, trained: trainedWeights(model) };
    model.state.writeOptimizer(restoreOptimizer(path, model.optimizer.describe(), slots, places));
  }
  return model;
}

/** The file must have the model's weights, all of them and no others. */
function checkWeights(path: string, entries: readonly WeightEntry[], names: readonly NamedShape[]): void {
  const given = new Map(entries.filter((entry) => !entry.isOptimizer).map((entry) => [entry.name, entry]));
  for (const { name, shape } of names) {
    const entry = given.get(name);
    if (!entry) throw corrupt(path, `the weight ${show(name)} is missing`);
    if (entry.dtype !== 'float32' || !sameShape(entry.shape, shape)) {
      throw corrupt(
        path,
        `the weight ${show(name)} is ${entry.dtype} ${showShape(entry.shape)}, but the model needs float32 ${showShape(shape)}`,
      );
    }
    given.delete(name);
  }
  const [extra] = given.keys();
  if (extra !== undefined) throw corrupt(path, `the model has no weight ${show(extra)}`);
}
