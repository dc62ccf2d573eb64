import { throwIfAborted } from '../aborts.js';
import { type BuiltGraph, buildGraph, type StoredConstant } from '../graph-model/build.js';
import { checkOps } from '../graph-model/check.js';
import { type Graph, readGraph } from '../graph-model/graph.js';
import type { IOHandler } from '../io/artifacts.js';
import { corrupt, errorsNaming } from '../io/failures.js';
import { openSource } from '../io/model-source.js';
import type { ModelSource } from '../io/source.js';
import { isObject } from '../io/read-model-json.js';
import { readValues } from '../io/weight-values.js';
import { giveToStores } from '../layers/weight-store.js';
import { SlicedWork } from '../program/sliced-work.js';
import { GraphModel } from './graph-model.js';
import { type LoadOptions, Progress, readLoadOptions } from './load-layers-model.js';

/**
 * Loads a graph model, a model.json that TF.js's converter wrote with `--output_format=tfjs_graph_model`. Its
 * operations become layers, so that the model can be trained as well: see {@link GraphModel.model}. Inputs and
 * outputs are those of the file's signature, in its order. Files are untrusted: everything is checked before
 * memory is allocated for it.
 *
 * @param source model.json or its folder ('file://out/model.json', or a plain path), the URL of a model.json
 * ('https://...'), whose weights lie beside it, or an object with load(), such as io.fromMemory(artifacts).
 * @throws As loadLayersModel: IO_ERROR; CORRUPT_FILE, with the fault; UNSUPPORTED, listing all operations that
 * this version doesn't have before weights are read, or for a file of another kind; TOO_LARGE; ABORTED;
 * INVALID_ARGUMENT, UNKNOWN_OPTION.
 */
export async function loadGraphModel(
  source: string | IOHandler<unknown>,
  options: Omit<LoadOptions, 'strict'> = {},
): Promise<GraphModel> {
  const { onProgress, signal } = readLoadOptions(options, 'loadGraphModel');
  throwIfAborted(signal);
  const stored = await openSource(source, { what: 'loadGraphModel', formats: ['graph-model'], signal });
  try {
    return await loadStoredGraph(stored, { onProgress, signal });
  } finally {
    await stored.close?.();
  }
}

/** Makes the model of an opened source. */
export async function loadStoredGraph(
  stored: ModelSource,
  { onProgress, signal }: Omit<LoadOptions, 'strict'>,
): Promise<GraphModel> {
  const { label, json } = stored;
  const graph = readGraph(label, json);
  checkOps(label, graph);
  const constants = await readConstants(stored, graph, { onProgress, signal });
  const built = await new SlicedWork(buildGraph(label, graph, constants)).promise;
  throwIfAborted(signal);
  return makeModel(stored, graph, built);
}

function makeModel({ label, json }: ModelSource, graph: Graph, built: BuiltGraph): GraphModel {
  const { generatedBy, signature, userDefinedMetadata } = json;
  const parts = {
    graph,
    ...built,
    ...(isObject(signature) && { signature }),
    ...(typeof generatedBy === 'string' && { version: generatedBy }),
    ...(isObject(userDefinedMetadata) && { metadata: userDefinedMetadata }),
  };
  const model = errorsNaming(label, () => new GraphModel(parts));
  giveToStores(built.weights);
  return model;
}

async function readConstants(
  { label, entries, readWeights }: ModelSource,
  graph: Graph,
  { onProgress, signal }: Omit<LoadOptions, 'strict'>,
): Promise<ReadonlyMap<string, StoredConstant>> {
  if (!entries) throw corrupt(label, 'a graph model has weights, but there is no weightData');
  const constants = new Map<string, StoredConstant>();
  const needed = new Set(graph.order.map(({ name }) => name));
  const progress = new Progress(entries, onProgress);
  await readWeights(async (entry, reader) => {
    throwIfAborted(signal);
    const values = await readValues(entry, reader);
    if (needed.has(entry.name)) constants.set(entry.name, { shape: entry.shape, values });
    progress.add(entry);
  });
  progress.end();
  return constants;
}
