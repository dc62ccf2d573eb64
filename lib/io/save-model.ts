import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '../models/index.js';
import { OptionChecks } from '../options.js';
import { VERSION } from '../version.js';
import { checkFolder, readLocation } from './locations.js';
import { storeOptimizer, type StoredWeight } from './optimizer-state.js';
import type { JsonObject } from './read-model-json.js';
import { writeTopology } from './write-topology.js';
import { writeTrainingConfig } from './write-training-config.js';
import { namedWeights, trainedWeights } from '../models/named-weights.js';
import { writeAtomically } from './write-atomically.js';

/** Options of {@link LayersModel.save}. */
export interface SaveOptions {
  /**
   * Whether loss, metrics, optimizer and its state are saved, so that training can go on where it was. Momentum is stored as
   * TF.js has it, without the learning rate, and can come back with its last bit changed. Default false.
   */
  includeOptimizer?: boolean;
}

const WEIGHTS_FILE = 'weights.bin';

/**
 * Writes a model in TF.js's LayersModel format: model.json and weights.bin in a folder, which is made if need be. Each file takes
 * its place whole, model.json last. While the model trains, what is saved is one moment between two steps.
 *
 * @param location The folder: 'file://out', or a plain path.
 * @throws IO_ERROR, INVALID_ARGUMENT, UNSUPPORTED; NOT_COMPILED if the optimizer is to be saved and there is none.
 */
export async function saveModel(
  model: LayersModel,
  location: string,
  options: SaveOptions = {},
): Promise<void> {
  const checks = new OptionChecks('save');
  checks.keys(options, ['includeOptimizer']);
  const includeOptimizer = checks.boolean('includeOptimizer', options.includeOptimizer ?? false);
  const folder = readLocation(location, 'save');
  await checkFolder(folder);
  const stored = await storedWeights(model, includeOptimizer);
  const json: JsonObject = {
    modelTopology: writeTopology(model),
    format: 'layers-model',
    generatedBy: `convforge ${VERSION}`,
    convertedBy: null,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: stored.map(manifestEntry) }],
    ...(includeOptimizer && { trainingConfig: writeTrainingConfig(model) }),
  };
  await writeAtomically(join(folder, WEIGHTS_FILE), (path) => writeValues(path, stored));
  await writeAtomically(join(folder, 'model.json'), (path) => writeText(path, `${JSON.stringify(json)}\n`));
}

async function storedWeights(model: LayersModel, includeOptimizer: boolean): Promise<StoredWeight[]> {
  const optimizer = includeOptimizer ? model.compiled.optimizer.describe() : undefined;
  const names = namedWeights(model);
  // A model that never ran has no optimizer state yet; its program has.
  const snapshot = await (optimizer ? model.state.program : model.state).snapshot();
  const weights = names.map(({ name, shape, place }): StoredWeight => {
    return { entry: { name, shape, dtype: 'float32', isOptimizer: false }, values: snapshot.weights[place] };
  });
  if (!optimizer || !snapshot.optimizer) return weights;
  return [...weights, ...storeOptimizer(optimizer, snapshot.optimizer, trainedWeights(model))];
}

function manifestEntry({ entry: { name, shape, dtype, isOptimizer } }: StoredWeight): JsonObject {
  return { name, shape, dtype, ...(isOptimizer && { group: 'optimizer' }) };
}

async function writeValues(path: string, stored: readonly StoredWeight[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const { values } of stored) {
      await file.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    await file.close();
  }
}

async function writeText(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
