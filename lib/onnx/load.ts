import { ConvforgeError } from '../errors.js';
import type { WeightStore } from '../layers/weight-store.js';
import { SlicedWork } from '../program/sliced-work.js';
import { isError } from '../realms.js';
import { buildGraph, type BuiltGraph, type OnnxLayout, refuse, unknownOperators } from './build.js';
import { type ReadBeside, readExternalData } from './external-data.js';
import { type OnnxGraph, readGraph } from './graph.js';
import type { TensorMessage } from './messages.js';
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
 * Makes layers of an ONNX file. External data is read by `beside`. Rejects with CORRUPT_FILE;
 * UNSUPPORTED, with a list of the nodes that can't be done, before any weight is read; TOO_LARGE; IO_ERROR;
 * OUT_OF_MEMORY.
 */
export async function loadOnnx(
  file: string,
  bytes: Uint8Array,
  beside: ReadBeside | undefined,
  layout: OnnxLayout,
): Promise<LoadedOnnx> {
  const graph = await parseOnnx(file, bytes);
  refuse(file, unknownOperators(graph));
  const external = await readExternalData(file, beside, storedTensors(graph));
  const { inputs, outputs, weights } = await new SlicedWork(buildGraph(graph, external, layout)).promise;
  const made = await new SlicedWork(makeWeights(file, weights)).promise;
  return { inputs, outputs, weights: made };
}

/** All tensors of a file, those too that a sparse one consists of. */
function storedTensors({ tensors, sparse }: OnnxGraph): TensorMessage[] {
  const parts = [...sparse.values()].flatMap(({ values, indices }) => [values, indices]);
  return [...tensors.values(), ...parts.filter((part) => part !== undefined)];
}

/** Makes one weight after the other. Throws OUT_OF_MEMORY. */
function* makeWeights(file: string, weights: BuiltGraph['weights']): Generator<void, LoadedOnnx['weights']> {
  const made = new Map<WeightStore, readonly Float32Array[]>();
  try {
    for (const [store, makers] of weights) {
      const values: Float32Array[] = [];
      for (const make of makers) {
        yield;
        values.push(yield* make());
      }
      made.set(store, values);
    }
  } catch (cause) {
    if (!isError(cause) || cause.name !== 'RangeError') throw cause;
    throw new ConvforgeError('OUT_OF_MEMORY', `${file}: there is no memory for its weights.`, { cause });
  }
  return made;
}
