import { readSignal, throwIfAborted, untilAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { namedWeights, trainedWeights } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { OptionChecks, show } from '../options.js';
import { VERSION } from '../version.js';
import type { IOHandler, ModelArtifacts, SaveResult, SavesModel, WeightsManifestEntry } from './artifacts.js';
import { byteLength, joinBytes } from './bytes.js';
import { FileSystem } from './file-system.js';
import { callHandler } from './handlers.js';
import { checkFolder, checkTargetFile, readLocation } from './locations.js';
import { artifactsInfo } from './model-json.js';
import { storeOptimizer, type StoredWeight } from './optimizer-state.js';
import { writeTrainingConfig } from './training-config.js';
import type { JsonObject } from './read-model-json.js';
import { writeKeras, writeKerasWeights } from './write-keras.js';
import { writeKeras2 } from './write-keras2.js';
import { writeModel } from './write-model.js';
import { writeTopology } from './write-topology.js';

/** Options of {@link LayersModel.save}. */
export interface SaveOptions {
  /**
   * Whether to save losses, metrics, the optimizer and its state, so that training can resume. Momentum is
   * stored in folders as in TF.js, without the learning rate, so its last bit may change on loading. Default
   * false; for a `.keras` file true if the model is compiled, as in Keras. Keras 3 loads an `.h5` file that has
   * them with `compile=False` alone, as it does those of tf-keras.
   */
  includeOptimizer?: boolean;
  /**
   * Aborts the wait for a handler's save: the promise rejects with ABORTED. Files that are being written are
   * completed. Default none.
   */
  signal?: AbortSignal;
}

/**
 * Saves a model in TF.js's LayersModel format: as model.json and a weights file in a folder, which is created
 * if need be, or through a handler. A path that ends in `.keras` is a file of Keras 3 instead, one that ends in `.h5`
 * or `.hdf5` a file of Keras 2. If the model trains meanwhile, the state between two steps is saved. An older model is replaced as a whole: readers, and a
 * process that is killed meanwhile, find the old or the new one.
 *
 * @param target The folder, or the `.keras` or `.h5` file ('file://out', or a plain path), or an object with save(), such
 * as io.withSaveHandler(save).
 * @returns Time and sizes of what was saved, or the result of the handler's save.
 * @throws IO_ERROR, INVALID_ARGUMENT, UNSUPPORTED, ABORTED; NOT_COMPILED for includeOptimizer without an
 * optimizer; PEER_MISSING for these files without h5wasm.
 */
export async function saveModel(
  model: Model,
  target: string | IOHandler<unknown>,
  options: SaveOptions = {},
): Promise<unknown> {
  const checks = new OptionChecks('save');
  checks.keys(options, ['includeOptimizer', 'signal']);
  const asked = options.includeOptimizer;
  const includeOptimizer = checks.boolean('includeOptimizer', asked ?? false);
  const signal = readSignal(checks, options.signal);
  throwIfAborted(signal);
  const destination = await readTarget(target);
  if (typeof destination === 'string' && isKerasFile(destination))
    return savedAs(model, await writeKeras(destination, model, asked ?? model.isCompiled));
  if (typeof destination === 'string' && isHdf5File(destination))
    return savedAs(model, await writeKeras2(destination, model, includeOptimizer));
  const stored = await storedWeights(model, includeOptimizer);
  const metadata = model.getUserDefinedMetadata();
  const json = {
    modelTopology: writeTopology(model),
    format: 'layers-model',
    generatedBy: `convforge ${VERSION}`,
    convertedBy: null,
    ...(metadata && { userDefinedMetadata: structuredClone(metadata) }),
    ...(includeOptimizer && { trainingConfig: writeTrainingConfig(model) }),
  };
  const weightSpecs = stored.map(manifestEntry);
  const pieces = stored.map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  if (typeof destination !== 'string') {
    const artifacts = { ...json, weightSpecs, weightData: joinBytes(pieces, 'save') } as ModelArtifacts;
    return callHandler('save', () => untilAborted(destination.save(artifacts), { signal }));
  }
  await writeModel(destination, json, weightSpecs, pieces);
  const modelArtifactsInfo = artifactsInfo(json.modelTopology, weightSpecs, byteLength(pieces));
  return { modelArtifactsInfo } satisfies SaveResult;
}

function isKerasFile(path: string): boolean {
  return /\.keras$/i.test(path);
}

/** Whether this is the path of a whole model in HDF5. */
function isHdf5File(path: string): boolean {
  return /(?<!\.weights)\.(h5|hdf5)$/i.test(path);
}

function savedAs(model: Model, { config, bytes }: { config: JsonObject; bytes: number }): SaveResult {
  const specs = namedWeights(model).map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' }));
  return { modelArtifactsInfo: artifactsInfo(config, specs, bytes) };
}

/** See LayersModel.saveWeights. */
export async function saveWeights(model: Model, location: string): Promise<void> {
  const path = readLocation(location, 'saveWeights');
  if (!/\.weights\.h5$/i.test(path)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `saveWeights: ${show(path)} must end in '.weights.h5', as Keras wants it; save writes whole models.`,
    );
  }
  await checkTargetFile(path, 'saveWeights');
  await writeKerasWeights(path, model, model.isCompiled);
}

/** The path of the folder or file, or the handler. */
async function readTarget(target: unknown): Promise<string | SavesModel> {
  if (typeof target === 'string' || target instanceof FileSystem) {
    const path = typeof target === 'string' ? readLocation(target, 'save') : target.path;
    await (isKerasFile(path) || isHdf5File(path) ? checkTargetFile(path, 'save') : checkFolder(path));
    return path;
  }
  if (target !== null && typeof target === 'object' && 'save' in target && typeof target.save === 'function')
    return target as SavesModel;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `save: ${show(target)} is not a location; give the path of a folder, or an object with save(), such as io.withSaveHandler(save).`,
  );
}

async function storedWeights(model: Model, includeOptimizer: boolean): Promise<StoredWeight[]> {
  const optimizer = includeOptimizer ? model.compiled.optimizer.describe() : undefined;
  const names = namedWeights(model);
  // A model that never ran has no optimizer state, but its program has one.
  const snapshot = await (optimizer ? model.state.program : model.state).snapshot();
  const weights = names.map(({ name, shape, programIndex }): StoredWeight => {
    return {
      entry: { name, shape, dtype: 'float32', isOptimizer: false },
      values: snapshot.weights[programIndex],
    };
  });
  if (!optimizer || !snapshot.optimizer) return weights;
  return [...weights, ...storeOptimizer(optimizer, snapshot.optimizer, trainedWeights(model))];
}

function manifestEntry({ entry: { name, shape, dtype, isOptimizer } }: StoredWeight): WeightsManifestEntry {
  return { name, shape: [...shape], dtype, ...(isOptimizer && { group: 'optimizer' }) };
}
