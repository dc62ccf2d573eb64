import { open, readFile, stat } from 'node:fs/promises';
import { throwIfAborted } from '../aborts.js';
import { unreadable } from '../io/failures.js';
import {
  type FileKind,
  GRAPH_MODEL,
  HDF5,
  KERAS,
  kindOfFile,
  kindOfHead,
  kindOfJson,
  ONNX,
} from '../io/file-kinds.js';
import { findModelJson, readLocation } from '../io/locations.js';
import { openSource } from '../io/model-source.js';
import { readModelJson } from '../io/read-model-json.js';
import { OptionChecks } from '../options.js';
import { isUint8Array } from '../realms.js';
import type { LayersModel } from './layers-model.js';
import { loadStoredGraph } from './load-graph-model.js';
import { loadKeras } from './load-keras.js';
import {
  type LoadOptions,
  loadStoredLayers,
  loadWithoutWeights,
  readLoadOptions,
} from './load-layers-model.js';
import { loadOnnxModel } from './load-onnx.js';

/** Options of {@link loadModel}. */
export interface LoadModelOptions extends LoadOptions {
  /**
   * For ONNX, 'channelsLast' makes inputs and outputs of images [height, width, channels], as elsewhere here.
   * Default: the layout of the file, mostly [channels, height, width].
   */
  layout?: 'channelsLast';
}

/**
 * Loads a model of Keras, an ONNX model, or a model.json. The contents tell which it is, not the name: `.keras` of
 * Keras 3 and tf-keras, whole models in `.h5`, `.onnx`, a model.json or its folder. The model can be trained on;
 * if the file has compile settings, it is compiled, and goes on with the optimizer's state. Mixed-precision models
 * compute in float32. Of a graph model of TF.js, the layers that its operations become are given: see
 * loadGraphModel.
 *
 * Layers of an ONNX model have the names of the file's nodes, its inputs and outputs their own. Weights beside the
 * file, as external data, are read too.
 *
 * @param source A path, or the bytes of a `.keras`, `.h5` or `.onnx` file.
 * @param options `layout` counts for ONNX, the others for a model.json, as for loadLayersModel.
 * @throws As loadLayersModel: IO_ERROR; CORRUPT_FILE, with the fault; UNSUPPORTED for layers and options that
 * this version doesn't have, and for files of another kind; TOO_LARGE; INVALID_ARGUMENT.
 */
export async function loadModel(
  source: string | Uint8Array,
  { layout, ...options }: LoadModelOptions = {},
): Promise<LayersModel> {
  if (layout !== undefined) new OptionChecks('loadModel').oneOf('layout', layout, ['channelsLast']);
  if (isUint8Array(source)) {
    if (kindOfHead(source) === ONNX) return loadOnnxModel(undefined, source, layout ?? 'file');
    return loadKeras('loadModel(bytes)', source);
  }
  const path = readLocation(source, 'loadModel');
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  const kind = found.isFile() ? await kindOf(path) : undefined;
  if (kind !== HDF5 && kind !== KERAS && kind !== ONNX) return loadModelJson(source, options);
  const bytes = await readFile(path).catch((error) => {
    throw unreadable(path, error);
  });
  return kind === ONNX ? loadOnnxModel(path, bytes, layout ?? 'file') : loadKeras(path, bytes);
}

/**
 * Loads a model to look at. A model.json of layers is loaded without its weights, which needn't even exist.
 * Rejects as loadModel.
 */
export async function loadToShow(location: string): Promise<LayersModel> {
  const path = readLocation(location, 'loadModel');
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  const kind = found.isFile() ? await kindOf(path) : undefined;
  if (kind === HDF5 || kind === KERAS || kind === ONNX) return loadModel(location);
  const json = await readModelJson(await findModelJson(path), ['layers-model', 'graph-model']);
  return kindOfJson(json) === GRAPH_MODEL ? loadModel(location) : loadWithoutWeights(location);
}

/** Loads layers, or a graph of operations. */
async function loadModelJson(source: string, options: LoadOptions): Promise<LayersModel> {
  const read = readLoadOptions(options, 'loadModel');
  const { signal } = read;
  throwIfAborted(signal);
  const formats = ['layers-model', 'graph-model'] as const;
  const stored = await openSource(source, { what: 'loadModel', formats, signal });
  try {
    if (kindOfJson(stored.json) !== GRAPH_MODEL) return await loadStoredLayers(stored, read);
    return (await loadStoredGraph(stored, read)).model;
  } finally {
    await stored.close?.();
  }
}

async function kindOf(path: string): Promise<FileKind | undefined> {
  const file = await open(path).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    return await kindOfFile(file);
  } finally {
    await file.close();
  }
}
