import { corrupt } from '../io/failures.js';
import { isObject, type JsonObject } from '../io/read-model-json.js';
import { show } from '../options.js';

/** A value of the graph: an output of a node. */
export interface ValueRef {
  node: string;
  /** Index among the node's outputs. */
  output: number;
}

/** A node of TensorFlow's graph. */
export interface GraphNode {
  name: string;
  op: string;
  inputs: readonly ValueRef[];
  /** Attributes as the file has them; see {@link Attributes}. */
  attributes: JsonObject;
}

/** An input or output of the graph, as the file's signature names it. */
export interface GraphPort {
  /** Its name in the signature; without a signature, the node's name. */
  key: string;
  ref: ValueRef;
}

/** The graph of a model.json, checked as far as its nodes alone allow. */
export interface Graph {
  nodes: ReadonlyMap<string, GraphNode>;
  inputs: readonly GraphPort[];
  outputs: readonly GraphPort[];
  /** The nodes that outputs need, each after those that it reads. */
  order: readonly GraphNode[];
}

/**
 * Reads the graph of a model.json with `format: 'graph-model'`. Throws CORRUPT_FILE for missing nodes, cycles
 * and the like.
 */
export function readGraph(path: string, json: JsonObject): Graph {
  const topology = isObject(json.modelTopology) ? json.modelTopology : {};
  if (!Array.isArray(topology.node)) throw corrupt(path, 'its modelTopology has no list of nodes');
  const nodes = new Map<string, GraphNode>();
  for (const given of topology.node) {
    const node = readNode(path, given);
    if (nodes.has(node.name)) throw corrupt(path, `the node ${show(node.name)} is listed twice`);
    nodes.set(node.name, node);
  }
  for (const node of nodes.values()) {
    for (const input of node.inputs) {
      if (nodes.has(input.node)) continue;
      throw corrupt(path, `the node ${show(node.name)} reads ${show(input.node)}, which isn't in the graph`);
    }
  }
  const { inputs: signed, outputs } = readPorts(path, json, nodes);
  if (outputs.length === 0) throw corrupt(path, 'the graph has no outputs');
  const order = sortedNodes(path, nodes, outputs);
  const isSigned = (name: string) => signed.some(({ ref }) => ref.node === name);
  const others = order.filter(({ name, op }) => op === 'Placeholder' && !isSigned(name));
  return { nodes, inputs: [...signed, ...others.map(({ name }) => portOf(name))], outputs, order };
}

function readNode(path: string, given: unknown): GraphNode {
  if (!isObject(given) || typeof given.name !== 'string' || typeof given.op !== 'string') {
    throw corrupt(path, `a node is ${show(given)}; it must have a name and an op`);
  }
  const { name, op, input = [], attr = {} } = given;
  if (!Array.isArray(input) || !input.every((each) => typeof each === 'string')) {
    throw corrupt(path, `the inputs of the node ${show(name)} are ${show(input)}; they must be names`);
  }
  if (!isObject(attr)) throw corrupt(path, `the attributes of the node ${show(name)} are ${show(attr)}`);
  // "^name" only says that the node runs later than that one.
  const inputs = input.filter((each) => !each.startsWith('^')).map(valueRef);
  return { name, op, inputs, attributes: attr };
}

/** Reads "name", the node's first output, or "name:1". */
export function valueRef(text: string): ValueRef {
  const [, node, output] = /^(.*):(\d+)$/s.exec(text) ?? [text, text, '0'];
  return { node, output: Number(output) };
}

function readPorts(
  path: string,
  json: JsonObject,
  nodes: ReadonlyMap<string, GraphNode>,
): { inputs: GraphPort[]; outputs: GraphPort[] } {
  const metadata = isObject(json.userDefinedMetadata) ? json.userDefinedMetadata : {};
  const signature = [json.signature, metadata.signature].find(isObject) ?? {};
  const inputs = signedPorts(path, signature.inputs, nodes);
  const outputs = signedPorts(path, signature.outputs, nodes);
  return {
    inputs,
    outputs: outputs.length > 0 ? outputs : unread(nodes).map(portOf),
  };
}

function portOf(name: string): GraphPort {
  return { key: name, ref: { node: name, output: 0 } };
}

function signedPorts(path: string, given: unknown, nodes: ReadonlyMap<string, GraphNode>): GraphPort[] {
  if (!isObject(given)) return [];
  return Object.entries(given).map(([key, port]) => {
    const name = isObject(port) ? port.name : undefined;
    const ref = typeof name === 'string' ? valueRef(name) : undefined;
    if (ref && nodes.has(ref.node)) return { key, ref };
    throw corrupt(path, `its signature's ${show(key)} is ${show(name)}, which isn't in the graph`);
  });
}

/** Names of the nodes that no other node reads. */
function unread(nodes: ReadonlyMap<string, GraphNode>): string[] {
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  return [...nodes.values()]
    .filter(({ name, op }) => !read.has(name) && op !== 'NoOp')
    .map(({ name }) => name);
}

/** Sorts what outputs need. An explicit stack, since a deep graph would overflow the call stack. */
function sortedNodes(
  path: string,
  nodes: ReadonlyMap<string, GraphNode>,
  outputs: readonly GraphPort[],
): GraphNode[] {
  const order = new Set<GraphNode>();
  const begun = new Set<GraphNode>();
  const stack = outputs.map(({ ref }) => nodes.get(ref.node) as GraphNode).reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (order.has(node)) continue;
    const unmet = node.inputs
      .map((input) => nodes.get(input.node) as GraphNode)
      .filter((each) => !order.has(each));
    if (unmet.length === 0) {
      order.add(node);
      continue;
    }
    if (begun.has(node)) throw corrupt(path, `the graph has a cycle through the node ${show(node.name)}`);
    begun.add(node);
    stack.push(node, ...unmet);
  }
  return [...order];
}
