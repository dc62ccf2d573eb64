import type { LayersModel } from '../models/index.js';
import { findModelJson, readLocation } from './locations.js';
import { readModelJson } from './read-model-json.js';
import { readTopology } from './topology.js';
import { readTrainingConfig } from './training-config.js';

/** Like loadLayersModel, but the weights are left where they are: they needn't even exist. */
export async function loadWithoutWeights(location: string): Promise<LayersModel> {
  const path = await findModelJson(readLocation(location, 'loadWithoutWeights'));
  const json = await readModelJson(path);
  const { model } = readTopology(path, json);
  readTrainingConfig(path, json, model);
  return model;
}
