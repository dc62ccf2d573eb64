import { readManifest } from '../io/manifest.js';
import { isObject, type JsonObject } from '../io/read-model-json.js';
import { sizeOf } from '../tensor/shapes.js';
import { Attributes } from './attributes.js';
import { type Refusal, refusals } from './check.js';
import { type Graph, type GraphNode, type GraphPort, readGraph } from './graph.js';

/** An input or output, as a graph model declares it. */
export interface DescribedPort {
  name: string;
  /** Its type, such as "float" or "int32". */
  type: string;
  /** Its sizes with the batch in front; null for those that may be any. null if the file doesn't tell. */
  shape: readonly (number | null)[] | null;
}

/** What is in a graph model. */
export interface GraphDescription {
  /** The libraries that wrote it. */
  writer: string;
  inputs: readonly DescribedPort[];
  outputs: readonly DescribedPort[];
  /** Number of elements of all float32 weights. */
  parameters: number;
  /** How often each op occurs, of those that outputs depend on. */
  operations: ReadonlyMap<string, number>;
  /** The nodes that can't be loaded. */
  undone: readonly Refusal[];
}

/** Tells what is in a model.json of a graph, without its weights. Throws CORRUPT_FILE and UNSUPPORTED. */
export function describeGraph(path: string, json: JsonObject): GraphDescription {
  const graph = readGraph(path, json);
  const operations = new Map<string, number>();
  for (const { op } of graph.order)
    if (op !== 'Const' && op !== 'Placeholder') operations.set(op, (operations.get(op) ?? 0) + 1);
  const weights = readManifest(path, json).flatMap((group) => group.weights);
  const { generatedBy, convertedBy } = json;
  const writers = [typeof generatedBy === 'string' && `TensorFlow ${generatedBy}`, convertedBy];
  return {
    writer: writers.filter((each) => typeof each === 'string').join(', ') || 'unknown',
    inputs: describePorts(path, json, graph, 'inputs'),
    outputs: describePorts(path, json, graph, 'outputs'),
    parameters: weights
      .filter(({ dtype }) => dtype === 'float32')
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    operations,
    undone: refusals(graph),
  };
}

function describePorts(
  path: string,
  json: JsonObject,
  graph: Graph,
  side: 'inputs' | 'outputs',
): DescribedPort[] {
  const signature = isObject(json.signature) ? json.signature[side] : undefined;
  return graph[side].map((port) => describePort(path, graph, port, isObject(signature) ? signature : {}));
}

function describePort(
  path: string,
  { nodes }: Graph,
  { key, ref }: GraphPort,
  signature: JsonObject,
): DescribedPort {
  const node = nodes.get(ref.node) as GraphNode;
  const signed = isObject(signature[key]) ? signature[key] : {};
  const { dtype, tensorShape } = signed;
  // The signature's shape has the form of an attribute.
  const given = {
    ...node,
    attributes: tensorShape === undefined ? node.attributes : { shape: { shape: tensorShape } },
  };
  const type = dtype ?? new Attributes(path, node).type('dtype') ?? 'DT_FLOAT';
  return {
    name: key === '' ? ref.node : key,
    type: String(type).replace(/^DT_/, '').toLowerCase(),
    shape: new Attributes(path, given).shape('shape') ?? null,
  };
}
