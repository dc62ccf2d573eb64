import { unknownOperators, type UndoneNode } from './build.js';
import type { Dimension, OnnxGraph } from './graph.js';
import { parseOnnx } from './load.js';
import { typeName } from './tensors.js';

/** An input or output, as an ONNX file declares it. */
export interface OnnxPort {
  name: string;
  /** The type of its elements: "float", "int64"... */
  type: string;
  /** Its sizes with the batch in front: numbers, names of sizes that may vary, null where nothing is said. */
  shape: readonly Dimension[] | null;
}

/** What is in an ONNX file. */
export interface OnnxDescription {
  /** The program that wrote the file, and its version. */
  writer: string;
  irVersion: number;
  /** Versions of sets of operators by domain; ONNX's own is 'ai.onnx'. */
  opsets: Readonly<Record<string, number>>;
  inputs: readonly OnnxPort[];
  outputs: readonly OnnxPort[];
  /** Number of elements of the tensors in the file, with those beside it. */
  parameters: number;
  /** How often each operator occurs, of those that outputs depend on. */
  operators: ReadonlyMap<string, number>;
  /** The nodes whose operators can't be done. */
  undone: readonly UndoneNode[];
}

/**
 * Tells what is in an ONNX file, without reading weights or the files beside it. Rejects with CORRUPT_FILE,
 * UNSUPPORTED or TOO_LARGE.
 */
export async function describeOnnx(file: string, bytes: Uint8Array): Promise<OnnxDescription> {
  const graph = await parseOnnx(file, bytes);
  // A Map, since names such as "__proto__" are the file's.
  const operators = new Map<string, number>();
  for (const { domain, op } of graph.nodes) {
    const name = domain === '' ? op : `${domain}.${op}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const { writer, irVersion, opsets } = graph;
  return {
    writer,
    irVersion,
    opsets,
    inputs: portsOf(graph.inputs),
    outputs: portsOf(graph.outputs),
    parameters: parameterCount(graph),
    operators,
    undone: unknownOperators(graph),
  };
}

function portsOf(ports: OnnxGraph['inputs']): OnnxPort[] {
  return ports.map(({ name, dims, dataType }) => ({ name, type: typeName(dataType), shape: dims ?? null }));
}

function parameterCount({ tensors, sparse }: OnnxGraph): number {
  let count = 0;
  for (const { dims } of [...tensors.values(), ...sparse.values()])
    count += dims.reduce((product, size) => product * size, 1);
  return count;
}
