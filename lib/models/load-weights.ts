import { readFile } from 'node:fs/promises';
import { ConvforgeError } from '../errors.js';
import { errorsNaming, unreadable } from '../io/failures.js';
import { type KerasWeightsFile, openKerasWeights } from '../io/keras-files.js';
import { kerasOptimizerState } from '../io/keras-optimizer.js';
import {
  inOrderOf,
  type KerasWeights,
  numberedArrays,
  readAll,
  weightsByName,
  weightsByPath,
} from '../io/keras-weights.js';
import { readLocation } from '../io/locations.js';
import { slotWeights, trainedWeights } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { OptionChecks } from '../options.js';
import type { OptimizerState } from '../program/engine.js';
import { isUint8Array } from '../realms.js';
import { warn } from '../warnings.js';

/** Options of {@link LayersModel.loadWeights}. */
export interface LoadWeightsOptions {
  /**
   * For files of Keras 2: whether to load the weights of those layers alone whose names are in the file, for
   * example of a backbone. Default false: the file must have weights for every layer, in the model's order.
   */
  byName?: boolean;
}

/** See LayersModel.loadWeights. */
export async function loadWeights(
  model: Model,
  source: string | Uint8Array,
  options: LoadWeightsOptions = {},
): Promise<void> {
  const checks = new OptionChecks('loadWeights');
  checks.keys(options, ['byName']);
  const byName = checks.boolean('byName', options.byName ?? false);
  model.state.checkWeightsOpen();
  const path = isUint8Array(source) ? 'loadWeights(bytes)' : readLocation(source, 'loadWeights');
  const bytes = isUint8Array(source) ? source : await readFile(path).catch(failUnreadable(path));
  const file = await openKerasWeights(path, bytes);
  try {
    if (byName && file.layout === 'paths') {
      throw new ConvforgeError(
        'UNSUPPORTED',
        `${path}: Keras 3 stores no names of layers, so byName must be left out.`,
      );
    }
    const found =
      file.layout === 'paths'
        ? weightsByPath(path, model, undefined, file.weights)
        : weightsByName(path, model, file.weights, byName ? 'byName' : 'byOrder');
    const state = await optimizerState(path, model, file, found);
    await write(path, model, found);
    if (state) await model.state.writeOptimizer(state);
  } finally {
    file.close();
  }
}

function failUnreadable(path: string): (error: unknown) => never {
  return (error) => {
    throw unreadable(path, error);
  };
}

/** The optimizer's state in the file, unless the model isn't compiled. As in Keras, one that doesn't fit is left out. */
async function optimizerState(
  path: string,
  model: Model,
  { optimizer }: KerasWeightsFile,
  { arrays }: KerasWeights,
): Promise<OptimizerState | undefined> {
  const stored = optimizer ? numberedArrays(optimizer) : [];
  if (stored.length === 0 || !model.isCompiled) return undefined;
  const places = { weights: slotWeights(model), trained: inOrderOf(arrays.keys(), trainedWeights(model)) };
  try {
    return await kerasOptimizerState(path, model.optimizer.describe(), stored, places);
  } catch (error) {
    if (!(error instanceof ConvforgeError)) throw error;
    warn(`${error.message} The weights are loaded without the optimizer's state.`);
    return undefined;
  }
}

async function write(path: string, model: Model, { arrays, adapted }: KerasWeights): Promise<void> {
  // Programs have the moments as constants.
  if (adapted.size > 0) model.state.renewProgram();
  for (const [layer, [mean, variance]] of adapted) {
    const moments = [[...(await mean.read())], [...(await variance.read())]];
    errorsNaming(path, () => layer.setMoments(moments[0], moments[1]));
  }
  const values = new Map(await model.state.readAllWeights());
  for (const [store, each] of await readAll(arrays)) values.set(store, each);
  await model.state.writeAllWeights(values);
}
