import { ConvforgeError } from '../errors.js';
import { unsupported } from '../io/failures.js';
import { readLocation } from '../io/locations.js';
import { isFloat, openSafetensors, type SafetensorsFile } from '../io/safetensors.js';
import type { SafetensorsEntry } from '../io/safetensors-header.js';
import { readMetadata, type StoredTensor, writeStored } from '../io/safetensors-write.js';
import type { Layer } from '../layers/base-layer.js';
import { showShape } from '../layers/shapes.js';
import type { WeightStore } from '../layers/weight-store.js';
import { type NamedWeight, namedWeights } from '../network/file-names.js';
import { innermost, type Model, modelsWithin } from '../network/model.js';
import { ModelGraph } from '../network/model-graph.js';
import { permuted } from '../onnx/weights.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import { SlicedWork } from '../program/sliced-work.js';
import { sameShape } from '../tensor/shapes.js';
import { flattenedInputs, plainLayout, type StoredLayout, torchLayout, torchSuffix } from './torch-layout.js';

/** Options of {@link loadSafetensors}. */
export interface LoadSafetensorsOptions {
  /**
   * The name in the file of each weight that has another one there: an object, or a function of our name. Keys
   * are names of weights, such as 'conv2d_1/kernel', or of layers: `{ conv2d_1: 'features.0' }`. Without an
   * entry the layer's own name counts.
   */
  names?: Readonly<Record<string, string>> | ((name: string) => string);
  /**
   * 'pytorch' for the weights of a state dict: kernels are [out, in, height, width] there, and names
   * 'features.0.weight' instead of 'features.0/kernel'. Default: as this library has them.
   */
  layout?: 'pytorch';
}

/** Options of {@link saveSafetensors}. */
export interface SaveSafetensorsOptions extends LoadSafetensorsOptions {
  /** Texts by name that the file holds beside its tensors. Default none. */
  metadata?: Readonly<Record<string, string>>;
}

/** What {@link loadSafetensors} tells. */
export interface LoadedSafetensors {
  /** Names of tensors in the file that no weight of the model has. */
  unused: string[];
}

/** A weight with its name and layout in a file. */
interface StoredWeight extends NamedWeight {
  stored: string;
  layout: StoredLayout;
}

/**
 * Sets all weights of a model from a safetensors file, by name. Floats of 16 and 64 bits become float32. All
 * names and shapes are checked before any weight changes.
 *
 * The weights of PyTorch's `features.0` and `classifier` for the layers conv and scores:
 *
 *     await tf.io.loadSafetensors(model, 'net.safetensors', {
 *       layout: 'pytorch',
 *       names: { conv: 'features.0', scores: 'classifier' },
 *     });
 *
 * With `layout: 'pytorch'` the kernel of a dense layer behind a flatten layer changes the order of its rows, as
 * PyTorch flattens channels before rows and columns.
 *
 * @param model The model.
 * @param source The path of the file ('file://path' or a plain path), or its bytes.
 * @throws INVALID_ARGUMENT for weights that the file lacks, UNKNOWN_OPTION; SHAPE_MISMATCH; UNSUPPORTED for
 * integers; MODEL_BUSY while the model trains; as readSafetensors does.
 */
export async function loadSafetensors(
  model: ModelGraph,
  source: string | Uint8Array,
  options: LoadSafetensorsOptions = {},
): Promise<LoadedSafetensors> {
  const checks = new OptionChecks('io.loadSafetensors');
  checks.keys(options, ['names', 'layout']);
  const own = checkModel(checks, model);
  own.state.checkWeightsOpen();
  const weights = storedWeights(checks, own, options);
  const file = await openSafetensors(source, 'io.loadSafetensors');
  try {
    const entries = new Map(file.entries.map((entry) => [entry.name, entry]));
    const found = weights.map((weight) => entryFor(file, entries, weight));
    const arrays = new Map<WeightStore, Float32Array[]>();
    for (const [i, weight] of weights.entries()) {
      const values = await readWeight(file, found[i], weight);
      const list = arrays.get(weight.store) ?? [];
      list[weight.index] = values;
      arrays.set(weight.store, list);
    }
    await own.state.writeAllWeights(arrays);
    const used = new Set(found);
    return { unused: file.entries.filter((entry) => !used.has(entry)).map(({ name }) => name) };
  } finally {
    await file.close();
  }
}

/**
 * Writes the weights of a model to a safetensors file, by name, as float32. The file is replaced as a whole. If
 * the model trains meanwhile, it holds the weights between two steps. loadSafetensors with the same `names` and
 * `layout` reads it.
 *
 * @param model The model.
 * @param location The path of the file, or 'file://path'.
 * @throws INVALID_ARGUMENT, UNKNOWN_OPTION; UNSUPPORTED, in PyTorch's layout, for layers that take several
 * flattened inputs, or whose vectors become images; IO_ERROR, TOO_LARGE.
 */
export async function saveSafetensors(
  model: ModelGraph,
  location: string,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  const what = 'io.saveSafetensors';
  const checks = new OptionChecks(what);
  checks.keys(options, ['names', 'layout', 'metadata']);
  const own = checkModel(checks, model);
  const path = readLocation(location, what);
  const metadata = readMetadata(checks, options.metadata);
  const weights = storedWeights(checks, own, options);
  const snapshot = await own.state.snapshot();
  const tensors: StoredTensor[] = [];
  for (const { stored, layout, programIndex } of weights) {
    const values = snapshot.weights[programIndex];
    const arranged = await new SlicedWork(permuted(values, layout.from, layout.axes)).promise;
    tensors.push({ name: stored, dtype: 'float32', shape: layout.shape, values: arranged });
  }
  await writeStored(path, what, tensors, metadata);
}

function checkModel(checks: OptionChecks, model: unknown): Model {
  if (model instanceof ModelGraph) return model as Model;
  return checks.fail('INVALID_ARGUMENT', `${show(model)} is no model.`);
}

/** The weights of a model with their names and layouts in a file. Throws for names that no weight has. */
function storedWeights(
  checks: OptionChecks,
  model: Model,
  { names, layout }: LoadSafetensorsOptions,
): StoredWeight[] {
  if (layout !== undefined) checks.oneOf('layout', layout, ['pytorch']);
  const weights = namedWeights(model);
  const rename = readNames(checks, names, weights);
  const flattened = layout && flattenedInputs(model);
  const owners = new Map(layersOf(model).flatMap((layer) => layer.stores.map((store) => [store, layer])));
  return weights.map((weight) => {
    const { name, store, spec } = weight;
    const layer = owners.get(store) as Layer;
    const origin = flattened?.get(store);
    if (origin === 'mixed')
      checks.fail(
        'UNSUPPORTED',
        `${name} takes several flattened inputs, or makes a vector that becomes an image: its order in PyTorch isn't known. Set its weights by layer.setWeights.`,
      );
    const suffix = layout ? `.${torchSuffix(layer, spec.name)}` : `/${spec.name}`;
    const placed = layout ? torchLayout(layer, spec.name, spec.shape, origin) : plainLayout(spec.shape);
    return { ...weight, stored: rename(name, suffix), layout: placed };
  });
}

/** The layers that have weights of their own, in nested models, too. */
function layersOf(model: Model): Layer[] {
  const layers = [...modelsWithin(model)].flatMap((each) => each.layers.map(innermost));
  return layers.filter((layer) => !layer.isModel);
}

/** Returns a function that gives the name in the file for our name and what stands behind the layer's there. */
function readNames(
  checks: OptionChecks,
  names: LoadSafetensorsOptions['names'],
  weights: readonly NamedWeight[],
): (name: string, suffix: string) => string {
  const layerOf = (name: string) => name.slice(0, name.lastIndexOf('/'));
  if (names === undefined) return (name, suffix) => layerOf(name) + suffix;
  if (typeof names === 'function') {
    return (name) => {
      const given: unknown = names(name);
      if (typeof given === 'string') return given;
      return checks.fail('INVALID_ARGUMENT', `names(${show(name)}) is ${show(given)}; it must be a text.`);
    };
  }
  if (!isPlainObject(names) || !Object.values(names).every((name) => typeof name === 'string'))
    checks.fail('INVALID_ARGUMENT', `names is ${show(names)}; it must be a function, or texts by name.`);
  const known = new Set(weights.flatMap(({ name }) => [name, layerOf(name)]));
  const unknown = Object.keys(names).find((key) => !known.has(key));
  if (unknown !== undefined)
    checks.fail('UNKNOWN_OPTION', `names: ${unknownName('weight or layer', unknown, [...known])}`);
  return (name, suffix) => names[name] ?? (names[layerOf(name)] ?? layerOf(name)) + suffix;
}

function entryFor(
  file: SafetensorsFile,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  { name, stored, layout }: StoredWeight,
): SafetensorsEntry {
  const entry = entries.get(stored);
  if (!entry)
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${file.name}: for the weight ${name}, ${unknownName('tensor', stored, [...entries.keys()])} Give its name in the file in \`names\`.`,
    );
  if (!isFloat(entry))
    throw unsupported(file.name, `the tensor ${show(stored)} has dtype ${entry.dtype}; weights are floats`);
  if (!sameShape(entry.shape, layout.shape))
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${file.name}: the tensor ${show(stored)} is ${showShape(entry.shape)}; the weight ${name} needs ${showShape(layout.shape)}.`,
    );
  return entry;
}

/** The values of a weight, in the order of this library. */
async function readWeight(
  file: SafetensorsFile,
  entry: SafetensorsEntry,
  { layout: { from, axes } }: StoredWeight,
): Promise<Float32Array> {
  const values = (await file.read(entry)) as Float32Array;
  const back = axes.map((_, axis) => axes.indexOf(axis));
  const stored = axes.map((axis) => from[axis]);
  return new SlicedWork(permuted(values, stored, back)).promise;
}
