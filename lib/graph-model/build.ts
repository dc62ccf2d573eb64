import { ConvforgeError } from '../errors.js';
import { corrupt, errorsNaming, unsupported } from '../io/failures.js';
import { InputLayer } from '../layers/core/input-layer.js';
import { activation } from '../layers/index.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { show } from '../options.js';
import type { TypedArray } from '../tensor/index.js';
import type { Shape } from '../tensor/shapes.js';
import { Attributes } from './attributes.js';
import { joinedErrors } from './check.js';
import { fold } from './fold.js';
import type { Graph, GraphNode, GraphPort } from './graph.js';
import { type GraphContext, NodeUse } from './node-use.js';
import { addStep } from './ops/images.js';
import { MAPPERS } from './ops/index.js';
import { computed, known, type Value } from './values.js';

/** The layers of a graph. */
export interface BuiltGraph {
  /** The model's inputs, in the order of the signature. */
  inputs: readonly SymbolicTensor[];
  /** Its outputs, in the order of the signature. */
  outputs: readonly SymbolicTensor[];
  /** What nodes compute, by "name", or "name:1" for a second output. Nodes that a layer absorbed are missing. */
  tensors: ReadonlyMap<string, SymbolicTensor>;
  /** The values of the layers' weights. */
  weights: ReadonlyMap<WeightStore, Float32Array[]>;
}

/** A constant of the file. */
export interface StoredConstant {
  shape: Shape;
  values: TypedArray;
}

/** Elements that folding may make in all. */
const MAX_FOLDED_ELEMENTS = 2 ** 22;

/** Makes the layers of a graph, in slices. Throws UNSUPPORTED and CORRUPT_FILE, naming the node. */
export function* buildGraph(
  path: string,
  graph: Graph,
  constants: ReadonlyMap<string, StoredConstant>,
): Generator<void, BuiltGraph> {
  const context: GraphContext = {
    path,
    values: new Map(),
    readers: readersOf(graph),
    absorbed: new Map(),
    hidden: new Set(),
    names: layerNames(graph),
    weights: new Map(),
    given: new Set(),
    padded: new Map(),
    budget: MAX_FOLDED_ELEMENTS,
    map: mapNode,
    ...fixedBatch(path, graph),
  };
  const inputs = new Map(graph.inputs.map((port) => [port.ref.node, port]));
  for (const node of graph.order) {
    if (node.op === 'Const') context.values.set(node.name, [constantOf(path, node, constants)]);
    if (inputs.has(node.name))
      context.values.set(node.name, [inputOf(context, node, inputs.get(node.name) as GraphPort)]);
  }
  yield* makeLayers(context, graph);
  return {
    inputs: graph.inputs.flatMap(({ ref }) => tensorsOf(context.values.get(ref.node) ?? [])),
    outputs: outputsOf(context, graph),
    tensors: namedTensors(context),
    weights: context.weights,
  };
}

/** Makes the layers of all nodes. Throws one error for all nodes that can't be made. */
function* makeLayers(context: GraphContext, { order }: Graph): Generator<void, void> {
  const errors: ConvforgeError[] = [];
  const failed = new Set<string>();
  for (const node of order) {
    yield;
    if (context.values.has(node.name)) continue;
    if (node.inputs.some(({ node: name }) => failed.has(name))) {
      failed.add(node.name);
      continue;
    }
    try {
      context.values.set(node.name, valuesOf(context, node));
    } catch (error) {
      if (!(error instanceof ConvforgeError) || error.code !== 'UNSUPPORTED') throw error;
      errors.push(error);
      failed.add(node.name);
    }
  }
  if (errors.length > 0) throw joinedErrors(errors);
}

function readersOf({ order, outputs }: Graph): Map<string, (GraphNode | undefined)[]> {
  const readers = new Map<string, (GraphNode | undefined)[]>();
  const add = (name: string, reader?: GraphNode) => {
    const list = readers.get(name) ?? [];
    list.push(reader);
    readers.set(name, list);
  };
  for (const node of order) for (const input of node.inputs) add(input.node, node);
  for (const { ref } of outputs) add(ref.node);
  return readers;
}

/**
 * Names the layers whose values are inputs and outputs as the signature does, if no other node has the name, and
 * leaves out what the names of all other nodes begin with, "StatefulPartitionedCall/model/".
 */
function layerNames({ nodes, inputs, outputs, order }: Graph): Map<string, string> {
  const inFolders = order.filter(({ name, op }) => op !== 'Const' && name.includes('/'));
  const names = new Map(withoutPrefix(inFolders.map(({ name }) => name)));
  const taken = new Set(names.values());
  const named = new Set<string>();
  for (const { key, ref } of [...inputs, ...outputs]) {
    let node = nodes.get(ref.node) as GraphNode;
    while (node.op === 'Identity' && node.inputs.length > 0)
      node = nodes.get(node.inputs[0].node) as GraphNode;
    if (key === '' || nodes.has(key) || taken.has(key) || named.has(node.name)) continue;
    named.add(node.name);
    names.set(node.name, key);
    taken.add(key);
  }
  return names;
}

/** Each name with what is left of it without the folders that all have in common. */
function withoutPrefix(names: readonly string[]): [string, string][] {
  const [first, ...others] = names.map((name) => name.split('/').slice(0, -1));
  let depth = first?.length ?? 0;
  for (const folders of others)
    while (folders.slice(0, depth).join('/') !== first.slice(0, depth).join('/')) depth--;
  return names.map((name) => [name, name.split('/').slice(depth).join('/')]);
}

function constantOf(
  path: string,
  { name }: GraphNode,
  constants: ReadonlyMap<string, StoredConstant>,
): Value {
  const stored = constants.get(name);
  if (stored) return known(stored.shape, stored.values);
  throw corrupt(path, `the weight ${show(name)} is missing`);
}

/** The number of samples that all inputs are declared to have, if they are. */
function fixedBatch(path: string, { nodes, inputs }: Graph): { batch?: number } {
  const sizes = inputs.map(
    ({ ref }) => new Attributes(path, nodes.get(ref.node) as GraphNode).shape('shape')?.[0],
  );
  const [batch] = sizes;
  return typeof batch === 'number' && sizes.every((size) => size === batch) ? { batch } : {};
}

const INPUT_TYPES: ReadonlyMap<unknown, 'float32' | 'int32' | 'bool'> = new Map([
  ...(['DT_INT32', 3, 'DT_INT64', 9, 'DT_UINT8', 4] as const).map((type) => [type, 'int32'] as const),
  ...(['DT_BOOL', 10] as const).map((type) => [type, 'bool'] as const),
]);

function inputOf({ path, names }: GraphContext, node: GraphNode, { key }: GraphPort): Value {
  const attributes = new Attributes(path, node);
  const shape = attributes.shape('shape');
  if (node.op !== 'Placeholder' || !shape || shape.length === 0) {
    throw unsupported(
      path,
      `the input ${show(key)} has no known number of axes, the first of which is the batch`,
    );
  }
  const dtype = INPUT_TYPES.get(attributes.type('dtype')) ?? 'float32';
  const options = { name: names.get(node.name) ?? node.name, inputShape: shape.slice(1), dtype };
  return computed(errorsNaming(path, () => new InputLayer(options).outputs[0]));
}

function valuesOf(context: GraphContext, node: GraphNode): readonly Value[] {
  const absorbed = context.absorbed.get(node.name);
  if (absorbed) return [absorbed];
  const inputs = node.inputs.map(({ node: name, output }) => {
    const value = context.values.get(name)?.[output];
    if (value) return value;
    throw corrupt(
      context.path,
      `the node ${show(node.name)} reads output ${output} of ${show(name)}, which has none such`,
    );
  });
  return mapNode(new NodeUse(context, node, inputs));
}

function mapNode(use: NodeUse): readonly Value[] {
  const { node, inputs } = use;
  const folded = fold(use, inputs);
  if (folded) return folded;
  const blocks = inputs.find((value) => value.kind === 'blocks');
  if (blocks?.kind === 'blocks' && node.op !== 'BatchToSpaceND') {
    return [addStep(use, blocks)];
  }
  if (!Object.hasOwn(MAPPERS, node.op)) return use.fail('only constants and sizes can be computed so');
  const result = MAPPERS[node.op](use);
  return Array.isArray(result) ? result : [result as Value];
}

function tensorsOf(values: readonly Value[]): SymbolicTensor[] {
  return values.flatMap((value) => (value.kind === 'computed' ? [value.tensor] : []));
}

/** The outputs. A value that is an output twice, or an input, is passed through a layer of its own. */
function outputsOf(context: GraphContext, { inputs, outputs }: Graph): SymbolicTensor[] {
  const taken = new Set(inputs.flatMap(({ ref }) => tensorsOf(context.values.get(ref.node) ?? [])));
  return outputs.map(({ key, ref }) => {
    const value = context.values.get(ref.node)?.[ref.output];
    if (value?.kind !== 'computed')
      throw unsupported(context.path, `the output ${show(key)} doesn't depend on the inputs`);
    const { tensor } = value;
    const output = taken.has(tensor) ? activation({ name: key, activation: 'linear' }).apply(tensor) : tensor;
    taken.add(output);
    return output;
  });
}

function namedTensors({ values, hidden }: GraphContext): Map<string, SymbolicTensor> {
  const tensors = new Map<string, SymbolicTensor>();
  for (const [name, outputs] of values) {
    if (hidden.has(name)) continue;
    for (const [i, value] of outputs.entries())
      if (value.kind === 'computed') tensors.set(i === 0 ? name : `${name}:${i}`, value.tensor);
  }
  return tensors;
}
