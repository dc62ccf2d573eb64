import { errorsNaming } from '../io/failures.js';
import { type KerasFile, openKerasArchive, openKerasHdf5 } from '../io/keras-files.js';
import { kerasOptimizerState } from '../io/keras-optimizer.js';
import {
  inOrderOf,
  type KerasWeights,
  namedArrays,
  numberedArrays,
  readAll,
  weightsByName,
  weightsByPath,
} from '../io/keras-weights.js';
import { isObject } from '../io/read-model-json.js';
import { readTrainingConfig } from '../io/training-config.js';
import { giveToStores } from '../layers/weight-store.js';
import { type NamedWeight, slotWeights, trainedWeights } from '../network/file-names.js';
import { SlicedWork } from '../program/sliced-work.js';
import { readModelInSlices } from './from-config.js';
import type { LayersModel } from './layers-model.js';
import { readMetadata } from './load-layers-model.js';

/** Loads a model that Keras wrote. Rejects as loadModel does. */
export async function loadKeras(path: string, bytes: Uint8Array): Promise<LayersModel> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const file = await (isZip ? openKerasArchive(path, bytes) : openKerasHdf5(path, bytes));
  try {
    return await makeModel(path, file);
  } finally {
    file.close();
  }
}

async function makeModel(path: string, file: KerasFile): Promise<LayersModel> {
  const { model } = await new SlicedWork(readModelInSlices(path, file.json, 'keras2')).promise;
  readMetadata(path, file.json, model);
  const topology = file.json.modelTopology;
  const config = isObject(topology) ? topology.config : undefined;
  const { arrays, adapted } =
    file.layout === 'paths'
      ? weightsByPath(path, model, config, file.weights)
      : weightsByName(path, model, file.weights);
  for (const [layer, [mean, variance]] of adapted) {
    const moments = [[...(await mean.read())], [...(await variance.read())]];
    errorsNaming(path, () => layer.setMoments(moments[0], moments[1]));
  }
  giveToStores(await readAll(arrays));
  const compiled = readTrainingConfig(path, file.json);
  if (!compiled) return model;
  errorsNaming(path, () => model.compile(compiled));
  const { optimizer, layout } = file;
  const stored = optimizer && (layout === 'paths' ? numberedArrays(optimizer) : namedArrays(path, optimizer));
  if (stored && stored.length > 0) {
    const trained = inOrderOf(arrays.keys(), trainedWeights(model));
    const places = {
      weights: slotWeights(model),
      trained,
      ...(isKeras20(topology) && { byName: sortedByName(trained, arrays) }),
    };
    const state = await kerasOptimizerState(path, model.optimizer.describe(), stored, places);
    await model.state.writeOptimizer(state);
  }
  return model;
}

function isKeras20(topology: unknown): boolean {
  return isObject(topology) && /^2\.0\./.test(String(topology.keras_version));
}

/** Weights in the order of their names in the file: "dense_1_1/bias:0". */
function sortedByName(weights: readonly NamedWeight[], arrays: KerasWeights['arrays']): NamedWeight[] {
  const name = ({ store, index }: NamedWeight) =>
    arrays.get(store)?.[index].path.split('/').slice(3).join('/') ?? '';
  return [...weights].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}
