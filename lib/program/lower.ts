import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { Attribute, NodeDescription, OpName, ParameterDescription, Shape } from './description.js';

/** A node as a layer asks for it. */
export interface LoweredNode {
  name: string;
  op: OpName;
  inputs: readonly number[];
  /** Default none. */
  attributes?: Readonly<Record<string, Attribute>>;
  /** Default none. */
  parameters?: readonly ParameterDescription[];
  shape: Shape;
}

/** Collects the nodes of a program while layers lower themselves, one after the other. */
export class Lowering {
  readonly nodes: NodeDescription[] = [];
  readonly #names = new Set<string>();
  #streams = 0;

  /** Appends a node and returns its index. */
  add({ attributes = {}, parameters = [], ...node }: LoweredNode): number {
    if (this.#names.has(node.name)) {
      throw new ConvforgeError('INVALID_ARGUMENT', `Two nodes are called '${node.name}'; rename a layer.`, {
        layer: node.name,
      });
    }
    this.#names.add(node.name);
    return this.nodes.push({ ...node, attributes, parameters }) - 1;
  }

  /** Output shape of a node, without the batch. */
  shapeOf(node: number): Shape {
    return this.nodes[node].shape;
  }

  /** A stream of random numbers that no other node of the program has. */
  nextStream(): number {
    return this.#streams++;
  }
}

/** The nodes of a chain of layers. Node 0 is the input, called after its InputLayer or "<first layer>_input". */
export function lowerChain(layers: readonly Layer[], inputShape: Shape): NodeDescription[] {
  const lowering = new Lowering();
  const [first] = layers;
  const name = first instanceof InputLayer ? first.name : `${first.name}_input`;
  let last = lowering.add({ name, op: 'input', inputs: [], shape: inputShape });
  for (const layer of layers) last = layer.lower(lowering, last);
  return lowering.nodes;
}
