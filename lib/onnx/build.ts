import { ConvforgeError } from '../errors.js';
import { corrupt } from '../io/failures.js';
import { Activation } from '../layers/activation/activation.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { show } from '../options.js';
import { Context, type MakeWeight, Use } from './context.js';
import type { GraphPort, OnnxGraph, OnnxNode } from './graph.js';
import { isInputChannelsLast, isOutputChannelsLast } from './layout.js';
import { mapperOf } from './ops/table.js';
import { elementType, type ReadExternal, typeName } from './tensors.js';
import { channelsLast, computed, identityOrder } from './values.js';

/** The layout of inputs and outputs: the file's, or images as [height, width, channels], which some files have, too. */
export type OnnxLayout = 'file' | 'channelsLast';

/** Layers that compute what a graph computes. */
export interface BuiltGraph {
  inputs: readonly SymbolicTensor[];
  outputs: readonly SymbolicTensor[];
  /** How the weights are made. */
  weights: ReadonlyMap<WeightStore, readonly MakeWeight[]>;
}

/** A node that can't be done. */
export interface UndoneNode {
  /** The operator and the node's name. */
  node: string;
  /** Its place among the file's nodes, from 0. */
  index: number;
  why: string;
}

/** Most nodes that a message lists. */
const MAX_LISTED = 20;

/** The nodes whose operators aren't known, found without their inputs. */
export function unknownOperators({ nodes }: OnnxGraph): UndoneNode[] {
  return nodes.flatMap((node, index) => {
    try {
      mapperOf(node);
      return [];
    } catch (error) {
      return [{ node: node.label, index, why: messageOf(error) }];
    }
  });
}

/** Throws UNSUPPORTED with a list of nodes, unless there are none. */
export function refuse(file: string, undone: readonly UndoneNode[]): void {
  if (undone.length === 0) return;
  const listed = undone.slice(0, MAX_LISTED).map(({ node, index, why }) => `${node} (node ${index}): ${why}`);
  const more = undone.length > MAX_LISTED ? `; and ${undone.length - MAX_LISTED} more` : '';
  const count = undone.length === 1 ? 'a node' : `${undone.length} nodes`;
  throw new ConvforgeError('UNSUPPORTED', `${file}: ${count} can't be done. ${listed.join('; ')}${more}.`);
}

/** Makes the layers of a graph, node by node. Weights aren't touched yet. Throws CORRUPT_FILE, UNSUPPORTED, TOO_LARGE. */
export function* buildGraph(
  graph: OnnxGraph,
  external: ReadExternal,
  layout: OnnxLayout,
): Generator<void, BuiltGraph> {
  const context = new Context(graph, external);
  const inputs = graph.inputs.map((port) => addInput(context, port, layout));
  const undone: UndoneNode[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    yield;
    const why = addNode(context, node);
    if (why !== undefined) undone.push({ node: node.label, index, why });
  }
  refuse(graph.file, undone);
  const outputs = graph.outputs.map((port) => outputOf(context, port, layout));
  return { inputs, outputs, weights: context.weights };
}

function addInput(context: Context, { name, dims, dataType }: GraphPort, layout: OnnxLayout): SymbolicTensor {
  const { file } = context.graph;
  const type = elementType(dataType);
  if (!type)
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${file}: the input ${show(name)} holds ${typeName(dataType)}, which can't be taken.`,
    );
  if (!dims || dims.length < 2) {
    const what = dims ? `has ${dims.length === 0 ? 'no axis' : 'one axis alone'}` : 'has no shape';
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${file}: the input ${show(name)} ${what}; it needs an axis for the batch and others for a sample.`,
    );
  }
  const { length: rank } = dims;
  const isTurned = layout === 'channelsLast' && !isInputChannelsLast(context, name, rank);
  const order = isTurned ? channelsLast(rank) : identityOrder(rank);
  // Names of sizes that occur twice are the same size, but each may be any.
  const inputShape = order.slice(1).map((axis) => sizeOfInput(file, name, dims[axis]));
  const layer = new InputLayer({ name, inputShape });
  const tensor = layer.outputs[0];
  context.set(name, computed(tensor, order));
  return tensor;
}

function sizeOfInput(file: string, name: string, size: number | string | null): number | null {
  if (typeof size !== 'number') return null;
  if (Number.isSafeInteger(size) && size >= 1) return size;
  // Some writers have -1 or 0 for sizes that may vary.
  if (size === 0 || size === -1) return null;
  throw corrupt(file, `the input ${show(name)} has a size of ${size}`);
}

/** Returns why it can't be done; nothing if it could, or if a node before it couldn't. */
function addNode(context: Context, node: OnnxNode): string | undefined {
  if (node.outputs.some((name) => name !== '' && context.value(name))) return undefined;
  try {
    if (node.inputs.some((name) => name !== '' && !context.value(name))) return undefined;
    const made = mapperOf(node)(new Use(context, node));
    const values = 'kind' in made ? [made] : made;
    for (const [i, name] of node.outputs.entries())
      if (name !== '' && values[i]) context.set(name, values[i]);
    return undefined;
  } catch (error) {
    if (error instanceof ConvforgeError && (error.code === 'UNSUPPORTED' || error.code === 'SHAPE_MISMATCH'))
      return messageOf(error);
    throw namedError(context.graph.file, node, error);
  }
}

function messageOf(error: unknown): string {
  return (error as Error).message.replace(/\.$/, '');
}

function namedError(file: string, node: OnnxNode, error: unknown): unknown {
  if (!(error instanceof ConvforgeError)) return error;
  const { code, message } = error;
  if (message.startsWith(file)) return error;
  const kept = code === 'TOO_LARGE' || code === 'OUT_OF_MEMORY' || code === 'INTERNAL';
  const text = `${file}: ${node.label}: ${message.replace(/\.$/, '')}.`;
  return new ConvforgeError(kept ? code : 'CORRUPT_FILE', text, { cause: error });
}

/** The value of an output, given by a layer of its name. */
function outputOf(context: Context, { name }: GraphPort, layout: OnnxLayout): SymbolicTensor {
  const { file } = context.graph;
  const value = context.value(name);
  if (!value || value.kind === 'constant')
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${file}: the output ${show(name)} doesn't depend on the inputs.`,
    );
  const whole = context.unflattened(value);
  const { length: rank } = whole.order;
  const isTurned = layout === 'channelsLast' && !isOutputChannelsLast(context, name, rank);
  const order = isTurned ? channelsLast(rank) : identityOrder(rank);
  const tensor = context.ordered(whole, order);
  const names = context.graph.inputs.some((input) => input.name === name) ? `${name}_1` : name;
  return new Activation({ name: names, activation: 'linear' }).apply(tensor);
}
