import { snakeCase } from '../layers/snake-case.js';
import type { WeightStore } from '../layers/weight-store.js';
import { trainedWeights } from '../network/file-names.js';
import { byStore } from '../network/live-programs.js';
import type { Model } from '../network/model.js';
import type { OptimizerState } from '../program/engine.js';
import type { OptimizerDescription } from '../program/optimizer-description.js';
import { VERSION } from '../version.js';
import { writeHdf5 } from './hdf5-write.js';
import { writeKerasCompile } from './keras-compile.js';
import { writeKerasConfig } from './keras-config.js';
import { kerasMembers } from './keras-members.js';
import { kerasOptimizerArrays } from './keras-optimizer.js';
import type { JsonObject } from './read-model-json.js';
import { writeAtomically, writeSynced } from './write-files.js';
import { zipPieces } from './zip-write.js';

/** Version of Keras that has all of the format that is written. */
const KERAS_VERSION = '3.0.0';

/**
 * Writes a model to a file of Keras 3's format .keras, whole or not at all. Rejects with UNSUPPORTED for what
 * Keras lacks; PEER_MISSING without h5wasm; IO_ERROR, OUT_OF_MEMORY. Returns the config and the number of bytes
 * of the weights file in it.
 */
export async function writeKeras(
  path: string,
  model: Model,
  includeOptimizer: boolean,
): Promise<{ config: JsonObject; bytes: number }> {
  const snapshot = await snapshotOf(model, includeOptimizer);
  const config = {
    ...writeKerasConfig(path, model, snapshot.values),
    ...(includeOptimizer && { compile_config: writeKerasCompile(path, model) }),
  };
  const weights = await writeHdf5(`${path}/model.weights.h5`, membersOf(model, snapshot));
  const files = new Map([
    ['metadata.json', Buffer.from(JSON.stringify(metadata(model)))],
    ['config.json', Buffer.from(kerasJson(config))],
    ['model.weights.h5', weights],
  ]);
  await writeAtomically(path, async (temporary) => {
    await writeSynced(temporary, zipPieces(files));
  });
  return { config, bytes: weights.length };
}

/** Writes weights, and the optimizer's state if the model is compiled. Rejects as writeKeras does. */
export async function writeKerasWeights(
  path: string,
  model: Model,
  includeOptimizer: boolean,
): Promise<void> {
  const bytes = await writeHdf5(path, membersOf(model, await snapshotOf(model, includeOptimizer)));
  await writeAtomically(path, async (temporary) => {
    await writeSynced(temporary, [bytes]);
  });
}

/** A model's values at one time. */
export interface Snapshot {
  values: ReadonlyMap<WeightStore, readonly Float32Array[]>;
  /** The optimizer and its state, if it is to be written. */
  optimizer?: { description: OptimizerDescription; state: OptimizerState };
}

/** The values of the model's weights, and its optimizer's state. */
export async function snapshotOf(model: Model, includeOptimizer: boolean): Promise<Snapshot> {
  const description = includeOptimizer ? model.compiled.optimizer.describe() : undefined;
  // A model that never ran has no optimizer state, but its program has one.
  const { weights, optimizer: state } = await (description ? model.state.program : model.state).snapshot();
  const values = byStore(model.state.weightStores, weights);
  return { values, ...(description && state && { optimizer: { description, state } }) };
}

function membersOf(model: Model, { values, optimizer }: Snapshot) {
  return kerasMembers(
    model,
    values,
    optimizer && {
      name: snakeCase(model.compiled.optimizer.getClassName()),
      arrays: kerasOptimizerArrays(optimizer.description, optimizer.state, trainedWeights(model)),
    },
  );
}

function metadata(model: Model): JsonObject {
  const own = model.getUserDefinedMetadata();
  return {
    keras_version: KERAS_VERSION,
    date_saved: new Date().toISOString().slice(0, 19).replace('T', '@'),
    generated_by: `convforge ${VERSION}`,
    ...(own && { user_defined_metadata: own }),
  };
}

/** Stands before a number that JSON has no text for. */
const MARK = '\u0001';

/** JSON with Python's literals, in which these options are 1.0 instead of 1: Keras wants floats. */
function kerasJson(config: JsonObject): string {
  const isOther = (value: unknown) => typeof value === 'number' && !Number.isFinite(value);
  return JSON.stringify(config, (_, value) => (isOther(value) ? `${MARK}${value}` : value))
    .replace(/"\\u0001(NaN|-?Infinity)"/g, '$1')
    .replace(/"(learning_rate|momentum|ema_momentum)":\d+(?=[,}])/g, '$&.0');
}
