import { readSignal, throwIfAborted } from '../aborts.js';
import { AdaptedLayers } from '../io/adapted-layers.js';
import type { IOHandler } from '../io/artifacts.js';
import { errorsNaming, corrupt } from '../io/failures.js';
import { findModelJson, readLocation } from '../io/locations.js';
import { storedBytes, type WeightEntry } from '../io/manifest.js';
import { openSource } from '../io/model-source.js';
import type { ModelSource } from '../io/source.js';
import { restoreOptimizer, type StoredWeight } from '../io/optimizer-state.js';
import { isObject, type JsonObject, readModelJson } from '../io/read-model-json.js';
import { readTrainingConfig } from '../io/training-config.js';
import { readValues, type WeightValues } from '../io/weight-values.js';
import { giveToStores, type WeightStore } from '../layers/weight-store.js';
import {
  type NamedShape,
  type NamedWeight,
  namedWeights,
  slotWeights,
  trainedWeights,
} from '../network/file-names.js';
import { OptionChecks, show } from '../options.js';
import { SlicedWork, turnOfEventLoop } from '../program/sliced-work.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { readModel, readModelInSlices } from './from-config.js';
import type { LayersModel } from './layers-model.js';

/** Options of {@link loadLayersModel}. */
export interface LoadOptions {
  /**
   * Whether the file must have exactly the model's weights. With false, missing weights get new values and
   * extra ones are ignored; shapes must fit all the same. Default true.
   */
  strict?: boolean;
  /**
   * Called with the fraction of the weights' bytes read so far, from 0 to 1. If it throws, loading fails with
   * that error.
   */
  onProgress?: (fraction: number) => void;
  /** Aborts loading: the promise rejects with ABORTED. Default none. */
  signal?: AbortSignal;
}

/** Options of TF.js for models that are fetched. */
const FETCH_OPTIONS: ReadonlySet<string> = new Set([
  'fetchFunc',
  'fromTFHub',
  'requestInit',
  'streamWeights',
  'weightPathPrefix',
  'weightUrlConverter',
]);

/**
 * Loads a model in TF.js's LayersModel format, written by convforge or TF.js. If it was saved with its
 * optimizer, it is compiled. Files are untrusted: everything is checked before memory is allocated for it.
 *
 * @param source model.json or its folder ('file://out/model.json', or a plain path), the URL of a model.json
 * ('https://...'), whose weights lie beside it, or an object with load(), such as io.fromMemory(artifacts). If a handler gives no weights, the model gets new ones.
 * @throws IO_ERROR, also if a handler fails; CORRUPT_FILE, with the fault; UNSUPPORTED for layers and options
 * that this version doesn't have, and for files of another kind; TOO_LARGE; ABORTED; INVALID_ARGUMENT,
 * UNKNOWN_OPTION.
 */
export async function loadLayersModel(
  source: string | IOHandler<unknown>,
  options: LoadOptions = {},
): Promise<LayersModel> {
  const read = readLoadOptions(options);
  throwIfAborted(read.signal);
  const { signal } = read;
  const stored = await openSource(source, { what: 'loadLayersModel', formats: ['layers-model'], signal });
  try {
    return await loadStoredLayers(stored, read);
  } finally {
    await stored.close?.();
  }
}

export type ReadLoadOptions = Required<Pick<LoadOptions, 'strict'>> & LoadOptions;

/** Makes the model of an opened source. */
export async function loadStoredLayers(
  stored: ModelSource,
  { strict, onProgress, signal }: ReadLoadOptions,
): Promise<LayersModel> {
  const { label, json, entries } = stored;
  const { model, weightNames } = await new SlicedWork(readModelInSlices(label, json)).promise;
  readMetadata(label, json, model);
  if (!entries) {
    compileAsSaved(label, json, model);
    return model;
  }
  const adapted = new AdaptedLayers(label, model, entries);
  const names = errorsNaming(label, () => namedWeights(model, weightNames));
  const own = entries.filter((entry) => !adapted.taken.has(entry));
  const matches = matchWeights(label, own, names, strict);
  await turnOfEventLoop();
  const isCompiled = compileAsSaved(label, json, model);
  const progress = new Progress(entries, onProgress);
  const values = new Map<WeightEntry, WeightValues>();
  await stored.readWeights(async (entry, reader) => {
    throwIfAborted(signal);
    values.set(entry, await readValues(entry, reader));
    progress.add(entry);
  });
  adapted.write(values);
  progress.end();
  writeMatches(names, matches, values);
  const slots = entries
    .filter((entry) => entry.isOptimizer)
    .map((entry): StoredWeight => ({ entry, values: values.get(entry) as WeightValues }));
  if (isCompiled && slots.length > 0) {
    const places = { weights: slotWeights(model, weightNames), trained: trainedWeights(model) };
    await model.state.writeOptimizer(restoreOptimizer(label, model.optimizer.describe(), slots, places));
  }
  return model;
}

/** Loads a model without reading its weights, which needn't even exist. */
export async function loadWithoutWeights(location: string): Promise<LayersModel> {
  const path = await findModelJson(readLocation(location, 'loadWithoutWeights'));
  const json = await readModelJson(path);
  const { model } = readModel(path, json);
  compileAsSaved(path, json, model);
  return model;
}

/** Sets the model's metadata to the file's userDefinedMetadata, if any. Throws CORRUPT_FILE or TOO_LARGE. */
export function readMetadata(path: string, { userDefinedMetadata }: JsonObject, model: LayersModel): void {
  if (userDefinedMetadata === undefined || userDefinedMetadata === null) return;
  if (!isObject(userDefinedMetadata)) {
    throw corrupt(path, `userDefinedMetadata is ${show(userDefinedMetadata)}; it must be an object`);
  }
  errorsNaming(path, () => model.setUserDefinedMetadata(userDefinedMetadata));
}

/** Compiles the model as the file's trainingConfig says. Returns false if it has none. */
function compileAsSaved(path: string, json: JsonObject, model: LayersModel): boolean {
  const options = readTrainingConfig(path, json);
  if (options) errorsNaming(path, () => model.compile(options));
  return options !== undefined;
}

/** Reads the options of `what`, a function that loads models. */
export function readLoadOptions(options: LoadOptions, what = 'loadLayersModel'): ReadLoadOptions {
  const checks = new OptionChecks(what);
  for (const key of Object.keys(options)) {
    if (!FETCH_OPTIONS.has(key)) continue;
    checks.fail(
      'UNSUPPORTED',
      `${key} isn't here: a URL is fetched without headers, and its weights lie beside it; else fetch model.json and its weights yourself, and pass them to io.fromMemory.`,
    );
  }
  checks.keys(options, ['strict', 'onProgress', 'signal']);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    checks.fail('INVALID_ARGUMENT', `onProgress is ${show(onProgress)}; it must be a function.`);
  }
  const signal = readSignal(checks, options.signal);
  return {
    strict: checks.boolean('strict', options.strict ?? true),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  };
}

/** Reports how much of the weights has been read. */
export class Progress {
  readonly #total: number;
  readonly #report: LoadOptions['onProgress'];
  #read = 0;

  constructor(entries: readonly WeightEntry[], report: LoadOptions['onProgress']) {
    this.#total = entries.reduce((sum, entry) => sum + storedBytes(entry), 0);
    this.#report = report;
    report?.(0);
  }

  add(entry: WeightEntry): void {
    this.#read += storedBytes(entry);
    if (this.#read < this.#total) this.#report?.(this.#read / this.#total);
  }

  end(): void {
    this.#report?.(1);
  }
}

/**
 * Finds the file's entry of each weight of the model. If `strict`, none may be missing or extra. Keras may
 * put the name of a cell before the last part of a weight's name: "lstm_1/cell/kernel".
 */
function matchWeights(
  label: string,
  entries: readonly WeightEntry[],
  names: readonly NamedShape[],
  strict: boolean,
): ReadonlyMap<NamedShape, WeightEntry> {
  const expected = new Map(names.map((weight) => [weight.name, weight]));
  const matches = new Map<NamedShape, WeightEntry>();
  const extra: string[] = [];
  for (const entry of entries) {
    if (entry.isOptimizer) continue;
    const weight = expected.get(entry.name) ?? expected.get(entry.name.replace(/[^/]+\/([^/]+)$/, '$1'));
    if (weight && !matches.has(weight)) matches.set(weight, entry);
    else extra.push(entry.name);
  }
  for (const weight of names) {
    const entry = matches.get(weight);
    if (entry) checkWeight(label, weight, entry);
    else if (strict) throw corrupt(label, `the weight ${show(weight.name)} is missing`);
  }
  if (strict && extra.length > 0) throw corrupt(label, `the model has no weight ${show(extra[0])}`);
  return matches;
}

function checkWeight(label: string, { name, shape }: NamedShape, entry: WeightEntry): void {
  if (entry.dtype === 'float32' && sameShape(entry.shape, shape)) return;
  throw corrupt(
    label,
    `the weight ${show(name)} is ${entry.dtype} ${showShape(entry.shape)}, but the model needs float32 ${showShape(shape)}`,
  );
}

/** Writes the values read to the weights' stores. Weights without an entry keep their values. */
function writeMatches(
  names: readonly NamedWeight[],
  matches: ReadonlyMap<NamedShape, WeightEntry>,
  read: ReadonlyMap<WeightEntry, WeightValues>,
): void {
  const values = new Map<WeightStore, Float32Array[]>();
  for (const weight of names) {
    const { store, index } = weight;
    const entry = matches.get(weight);
    const arrays = values.get(store) ?? [];
    arrays[index] = entry ? (read.get(entry) as Float32Array) : store.own()[index];
    values.set(store, arrays);
  }
  giveToStores(values);
}
