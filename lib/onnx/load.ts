import { ConvforgeError } from '../errors.js';
import type { WeightStore } from '../layers/weight-store.js';
import { SlicedWork, turnOfEventLoop } from '../program/sliced-work.js';
import { isError } from '../realms.js';
import { buildGraph, type BuiltGraph, type OnnxLayout, refuse, unknownOperators } from './build.js';
import type { MakeWeight } from './context.js';
import { readExternalData } from './external-data.js';
import { type OnnxGraph, readGraph } from './graph.js';
import { readModelMessage } from './read-message.js';

/** Reads the graph of a file. Rejects with CORRUPT_FILE, UNSUPPORTED or TOO_LARGE. */
export async function parseOnnx(file: string, bytes: Uint8Array): Promise<OnnxGraph> {
  return readGraph(file, await new SlicedWork(readModelMessage(file, bytes)).promise);
}

/** What `loadOnnx` gives: layers, and the values of their weights. */
export interface LoadedOnnx extends Pick<BuiltGraph, 'inputs' | 'outputs'> {
  weights: ReadonlyMap<WeightStore, readonly Float32Array[]>;
}

/**
 * Makes layers of an ONNX file. External data is read from the folder of `path`. Rejects with CORRUPT_FILE;
 * UNSUPPORTED, with a list of the nodes that can't be done, before any weight is read; TOO_LARGE; IO_ERROR;
 * OUT_OF_MEMORY.
 */
export async function loadOnnx(
  file: string,
  bytes: Uint8Array,
  path: string | undefined,
  layout: OnnxLayout,
): Promise<LoadedOnnx> {
  const graph = await parseOnnx(file, bytes);
  refuse(file, unknownOperators(graph));
  const external = await readExternalData(file, path, graph.tensors.values());
  await turnOfEventLoop();
  const { inputs, outputs, weights } = buildGraph(graph, external, layout);
  const made = new Map<WeightStore, readonly Float32Array[]>();
  for (const [store, makers] of weights) {
    const values: Float32Array[] = [];
    for (const make of makers) values.push(await makeWeight(file, make));
    made.set(store, values);
  }
  return { inputs, outputs, weights: made };
}

async function makeWeight(file: string, make: MakeWeight): Promise<Float32Array> {
  try {
    return await new SlicedWork(make()).promise;
  } catch (cause) {
    if (!isError(cause) || cause.name !== 'RangeError') throw cause;
    throw new ConvforgeError('OUT_OF_MEMORY', `${file}: there is no memory for its weights.`, { cause });
  }
}
