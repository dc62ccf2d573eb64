import { open, readFile, stat } from 'node:fs/promises';
import { throwIfAborted } from '../aborts.js';
import { unreadable } from '../io/failures.js';
import {
  type FileKind,
  GRAPH_MODEL,
  HDF5,
  KERAS,
  kindOfFile,
  isZip,
  kindOfHead,
  kindOfJson,
  ONNX,
} from '../io/file-kinds.js';
import { fetchBytes, isHttp, labelOfUrl, memoryLimit, urlBeside } from '../io/fetch-bytes.js';
import { MAX_JSON_BYTES, openFetchedJson } from '../io/fetched-model.js';
import { findModelJson, readLocation } from '../io/locations.js';
import { openSource } from '../io/model-source.js';
import type { ModelSource, SourceOptions } from '../io/source.js';
import { readModelJson } from '../io/read-model-json.js';
import { filesBeside } from '../onnx/external-data.js';
import { OptionChecks } from '../options.js';
import { isUint8Array } from '../realms.js';
import type { LayersModel } from './layers-model.js';
import type { OnnxLayout } from '../onnx/build.js';
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
   * For ONNX, 'channelsLast' makes inputs and outputs of images [height, width, channels], as elsewhere here. Those
   * that the file has so stay as they are. Default: the layout of the file, mostly [channels, height, width].
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
 * A URL 'http://...' or 'https://...' is fetched whole, up to the memory budget (setMemoryBudget). Weights are
 * fetched from the same folder of the same server.
 *
 * @param source A path, a URL, or the bytes of a `.keras`, `.h5` or `.onnx` file.
 * @param options `layout` counts for ONNX, the others for a model.json, as for loadLayersModel; `signal` also ends
 * what is being fetched, such as AbortSignal.timeout(10_000).
 * @throws As loadLayersModel: IO_ERROR; CORRUPT_FILE, with the fault; UNSUPPORTED for layers and options that
 * this version doesn't have, and for files of another kind; TOO_LARGE; INVALID_ARGUMENT.
 */
export async function loadModel(
  source: string | Uint8Array,
  { layout, ...options }: LoadModelOptions = {},
): Promise<LayersModel> {
  if (layout !== undefined) new OptionChecks('loadModel').oneOf('layout', layout, ['channelsLast']);
  if (isUint8Array(source)) {
    const label = 'loadModel(bytes)';
    if (kindOfHead(source) === ONNX) return loadOnnxModel(label, source, undefined, layout ?? 'file');
    return loadKeras(label, source);
  }
  if (isHttp(source)) return loadUrl(source, options, layout ?? 'file');
  const path = readLocation(source, 'loadModel');
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  const kind = found.isFile() ? await kindOf(path) : undefined;
  if (kind !== HDF5 && kind !== KERAS && kind !== ONNX)
    return loadModelJson(options, (source) => openSource(path, source));
  const bytes = await readFile(path).catch((error) => {
    throw unreadable(path, error);
  });
  return kind === ONNX
    ? loadOnnxModel(path, bytes, filesBeside(path), layout ?? 'file')
    : loadKeras(path, bytes);
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

/** Loads what a server has. A file that holds weights may take all of the memory budget. */
async function loadUrl(url: string, options: LoadOptions, layout: OnnxLayout): Promise<LayersModel> {
  const { signal } = readLoadOptions(options, 'loadModel');
  const label = labelOfUrl(url, 'loadModel');
  const limit = (head: Uint8Array) => (holdsWeights(head) ? memoryLimit() : MAX_JSON_BYTES);
  const bytes = await fetchBytes(url, label, { limit, signal });
  if (!holdsWeights(bytes)) return loadModelJson(options, (source) => openFetchedJson(url, bytes, source));
  if (kindOfHead(bytes) !== ONNX) return loadKeras(label, bytes);
  const beside = (location: string) =>
    fetchBytes(urlBeside(url, location), `${label}: ${location}`, { limit: memoryLimit, signal });
  return loadOnnxModel(label, bytes, beside, layout);
}

function holdsWeights(bytes: Uint8Array): boolean {
  const kind = kindOfHead(bytes);
  return kind === HDF5 || kind === ONNX || isZip(bytes);
}

/** Loads layers, or a graph of operations. */
async function loadModelJson(
  options: LoadOptions,
  open: (options: SourceOptions) => ModelSource | Promise<ModelSource>,
): Promise<LayersModel> {
  const read = readLoadOptions(options, 'loadModel');
  const { signal } = read;
  throwIfAborted(signal);
  const stored = await open({ what: 'loadModel', formats: ['layers-model', 'graph-model'], signal });
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
