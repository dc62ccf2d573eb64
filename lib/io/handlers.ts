import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { isError } from '../realms.js';
import type {
  Bytes,
  LoadsModel,
  ModelArtifacts,
  SaveResult,
  SavesModel,
  TrainingConfig,
  WeightsManifestEntry,
} from './artifacts.js';

/**
 * Creates a source that holds a model in memory: `loadLayersModel(io.fromMemory(artifacts))`.
 *
 * @param artifacts The layers and the weights. TF.js's older form is accepted, too: the layers, then
 * weightSpecs, weightData and trainingConfig as separate arguments.
 * @throws INVALID_ARGUMENT unless it is an object. `loadLayersModel` checks its contents.
 */
export function fromMemory<Data extends Bytes>(
  artifacts: ModelArtifacts<Data>,
): LoadsModel<Promise<ModelArtifacts<Data>>>;
export function fromMemory<Data extends Bytes>(
  modelTopology: object,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: Data | Data[],
  trainingConfig?: TrainingConfig,
): LoadsModel<Promise<ModelArtifacts<Data>>>;
export function fromMemory(given: object, ...others: unknown[]): LoadsModel<Promise<ModelArtifacts>> {
  const artifacts = artifactsOf(given, others);
  return { load: async () => artifacts };
}

/** Like {@link fromMemory}, but `load` returns the model itself, not a promise. */
export function fromMemorySync<Data extends Bytes>(
  artifacts: ModelArtifacts<Data>,
): LoadsModel<ModelArtifacts<Data>>;
export function fromMemorySync<Data extends Bytes>(
  modelTopology: object,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: Data | Data[],
  trainingConfig?: TrainingConfig,
): LoadsModel<ModelArtifacts<Data>>;
export function fromMemorySync(given: object, ...others: unknown[]): LoadsModel<ModelArtifacts> {
  const artifacts = artifactsOf(given, others);
  return { load: () => artifacts };
}

function artifactsOf(given: unknown, others: readonly unknown[]): ModelArtifacts {
  if (given === null || typeof given !== 'object') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `io.fromMemory: ${show(given)} is not a model; give {modelTopology, weightSpecs, weightData}.`,
    );
  }
  const isAlone = others.every((other) => other === undefined);
  const isWhole = isAlone && ('modelTopology' in given || 'weightSpecs' in given);
  if (isWhole) return given as ModelArtifacts;
  const [weightSpecs, weightData, trainingConfig] = others;
  return { modelTopology: given, weightSpecs, weightData, trainingConfig } as ModelArtifacts;
}

/**
 * Creates a target that passes the model to a function: `model.save(io.withSaveHandler(async (artifacts) =>
 * ...))`.
 *
 * @param save Receives the layers and the weights. `model.save` resolves to its result.
 * @throws INVALID_ARGUMENT unless it is a function.
 */
export function withSaveHandler<Result = SaveResult>(
  save: (artifacts: ModelArtifacts) => Promise<Result>,
): SavesModel<Promise<Result>> {
  return { save: checkFunction(save, 'io.withSaveHandler') };
}

/** Like {@link withSaveHandler}, for a function that returns no promise. */
export function withSaveHandlerSync<Result = SaveResult>(
  save: (artifacts: ModelArtifacts) => Result,
): SavesModel<Result> {
  return { save: checkFunction(save, 'io.withSaveHandlerSync') };
}

function checkFunction<T>(given: T, what: string): T {
  if (typeof given === 'function') return given;
  throw new ConvforgeError('INVALID_ARGUMENT', `${what}: ${show(given)} is not a function.`);
}

/** Calls a handler's method. Rejects with IO_ERROR if it fails; a ConvforgeError passes unchanged. */
export async function callHandler<T>(method: 'load' | 'save', call: () => Promise<T> | T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ConvforgeError) throw error;
    const problem = isError(error) ? error.message : show(error);
    throw new ConvforgeError('IO_ERROR', `handler.${method}() failed: ${problem}.`, { cause: error });
  }
}
