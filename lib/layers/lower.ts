import { ConvforgeError } from '../errors.js';
import type { Layer } from './base-layer.js';
import type { Formulas } from './formulas.js';
import type { ApplyOptions, LayerNode, SymbolicTensor } from './symbolic-tensor.js';
import type { WeightStore } from './weight-store.js';
import { type AnyContract, CONTRACTS, outputsOf } from '../program/contracts/index.js';
import {
  type AttributesOf,
  type NodeDescription,
  type OpName,
  type ParameterDescription,
  type Shape,
  shapeOf,
  type ValueReference,
} from '../program/description.js';

/** A node as a layer asks for it. Its shape follows from the op's contract. */
export type LoweredNode<Op extends OpName = OpName> = {
  name: string;
  op: Op;
  inputs: readonly ValueReference[];
  /** Default none. */
  parameters?: readonly ParameterDescription[];
} & GivenAttributes<AttributesOf<Op>>;

/** Those of an op, which may be left out where none is required. */
type GivenAttributes<Attributes> =
  Record<never, never> extends Attributes ? { attributes?: Attributes } : { attributes: Attributes };

/** A program without its training, and the stores of its weights in the order in which it reads and writes them. */
export interface LoweredModel {
  nodes: readonly NodeDescription[];
  outputs: readonly number[];
  stores: readonly WeightStore[];
  /** See {@link Lowering.layerValues}. */
  layerValues: ReadonlyMap<string, number>;
}

/** A small model that uses another twice, which does so with a third, and so on, has as many nodes as it likes. */
const MAX_NODES = 100_000;

/** A layer while it lowers itself. */
interface Scope {
  /** How often it was lowered before. */
  use: number;
  /** The nodes with parameters of its first use, in their order. */
  owners: number[];
  /** Those that this use has added. */
  added: number;
  frozen: boolean;
  formulas: Formulas;
  /** As the use says, or that of the model it is in. */
  training?: boolean;
}

/** A model whose layers are being lowered. */
interface Level {
  /** Before the names of its layers. */
  prefix: string;
  /** Of its layers, so far. */
  uses: Map<Layer, number>;
}

/** Collects the nodes of a program while layers lower themselves, one after the other. */
export class Lowering {
  readonly nodes: NodeDescription[] = [];
  readonly stores: WeightStore[] = [];
  /**
   * The node that gives what each use of a layer gives (of several values the first), by the layer's name: "base/conv2d_1" in a model
   * inside, "conv2d_1@2" for a second use.
   */
  readonly layerValues = new Map<string, number>();
  #level: Level = { prefix: '', uses: new Map() };
  readonly #names = new Set<string>();
  readonly #uses = new Map<Layer, { count: number; owners: number[] }>();
  readonly #prefixes: string[] = [];
  readonly #trained?: ReadonlySet<Layer>;
  #scope: Scope;
  #isFolded = false;
  #streams = 0;

  /**
   * `trained`: the layers whose weights training changes; default all. `training`: false for what layers always compute as in
   * prediction, unless they were called to train.
   */
  constructor(trained?: ReadonlySet<Layer>, training?: false) {
    this.#trained = trained;
    this.#scope = { use: 0, owners: [], added: 0, frozen: false, formulas: 'keras', training };
  }

  /** Appends a node and returns its index, which is its first output; `[index, 1]` is the second. Weights are shared where the layer was lowered before, and frozen where it is. */
  add<Op extends OpName>(lowered: LoweredNode<Op>): number {
    const { op, inputs, attributes = {} as AttributesOf<Op>, parameters = [] } = lowered;
    const { use, owners, frozen } = this.#scope;
    const name = `${this.#prefixes.join('')}${lowered.name}${use > 0 ? `@${use + 1}` : ''}`;
    if (this.#names.has(name)) {
      throw new ConvforgeError('INVALID_ARGUMENT', `Two nodes are called '${name}'; rename a layer.`, {
        layer: name,
      });
    }
    this.#names.add(name);
    if (this.nodes.length === MAX_NODES) {
      throw new ConvforgeError('TOO_LARGE', `The model has more than ${MAX_NODES} operations.`, {
        layer: name,
      });
    }
    const own = frozen ? parameters.map((parameter) => ({ ...parameter, trainable: false })) : parameters;
    const outputs = outputsOf(CONTRACTS.get(op) as AnyContract, {
      attributes,
      inputs: inputs.map((input) => this.shapeOf(input)),
      parameters: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.shape])),
      fail: (code, message) => {
        throw new ConvforgeError(code, `${name}: ${message}`, { layer: name });
      },
    });
    const described = { name, op, inputs, attributes, parameters: own, outputs } as NodeDescription;
    if (parameters.length > 0) {
      if (use > 0) described.sharesWith = owners[this.#scope.added];
      else owners.push(this.nodes.length);
      this.#scope.added++;
    }
    return this.nodes.push(described) - 1;
  }

  /** Has a layer lower itself on these nodes, called with these options, and returns the indexes of those that give its outputs. */
  lower(layer: Layer, inputs: readonly number[], options: ApplyOptions): readonly number[] {
    const uses = this.#uses.get(layer) ?? { count: 0, owners: [] };
    this.#uses.set(layer, uses);
    const outer = this.#scope;
    this.#scope = {
      use: uses.count++,
      owners: uses.owners,
      added: 0,
      frozen: this.#trained !== undefined && !this.#trained.has(layer),
      formulas: layer.formulas,
      training: options.training ?? outer.training,
    };
    if (uses.count === 1 && !layer.isModel && !layer.inner) this.stores.push(...layer.stores);
    const level = this.#level;
    const name = nameUse(level, layer);
    if (layer.isModel) this.#level = { prefix: `${name}/`, uses: new Map() };
    const outputs = layer.lowerOutputs(this, inputs);
    if (!this.#isFolded) this.layerValues.set(name, outputs[0]);
    this.#level = level;
    this.#scope = outer;
    return outputs;
  }

  /** Has a model inside this one lower its layers; names of their nodes begin with its own. */
  within<T>(name: string, lowerLayers: () => T): T {
    this.#prefixes.push(`${name}/`);
    try {
      return lowerLayers();
    } finally {
      this.#prefixes.pop();
    }
  }

  /** The same for a layer that is applied to each step: what is computed in between is no value of samples. */
  withinSteps<T>(name: string, lowerLayer: () => T): T {
    const [level, isFolded] = [this.#level, this.#isFolded];
    this.#level = { prefix: '', uses: new Map() };
    this.#isFolded = true;
    try {
      return this.within(name, lowerLayer);
    } finally {
      this.#level = level;
      this.#isFolded = isFolded;
    }
  }

  /** Shape of a value, without the batch. */
  shapeOf(value: ValueReference): Shape {
    return shapeOf(this.nodes, value);
  }

  /** Whether the layer that is being lowered is frozen: training leaves its weights as they are. */
  get frozen(): boolean {
    return this.#scope.frozen;
  }

  /** Whose formulas the layer that is being lowered computes. */
  get formulas(): Formulas {
    return this.#scope.formulas;
  }

  /** Whether the layer that is being lowered always computes as in training (true), or never (false). */
  get training(): boolean | undefined {
    return this.#scope.training;
  }

  /** A stream of random numbers that no other node of the program has. */
  nextStream(): number {
    return this.#streams++;
  }
}

function nameUse({ prefix, uses }: Level, layer: Layer): string {
  const use = (uses.get(layer) ?? 0) + 1;
  uses.set(layer, use);
  return `${prefix}${layer.name}${use > 1 ? `@${use}` : ''}`;
}

/** The uses of layers that lead from `inputs` to `outputs`, each after those that it needs. Throws INVALID_ARGUMENT. */
export function sortNodes(
  owner: string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): LayerNode[] {
  const sorted: LayerNode[] = [];
  const state = new Map<LayerNode, 'open' | 'done'>(inputs.map(({ node }) => [node, 'done']));
  // A stack of our own: a model may have more layers than calls can nest.
  const stack = outputs.map(({ node }) => node).reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (state.get(node) === 'done') {
      stack.pop();
    } else if (state.get(node) === 'open') {
      state.set(node, 'done');
      sorted.push(node);
      stack.pop();
    } else {
      const { name } = node.layer;
      if (node.inputs.length === 0) {
        throw new ConvforgeError(
          'INVALID_ARGUMENT',
          `${owner}: its outputs come from the input '${name}', which isn't among its inputs; add it to them.`,
          { layer: name },
        );
      }
      state.set(node, 'open');
      for (const input of [...node.inputs].reverse()) {
        if (!state.has(input.node)) stack.push(input.node);
      }
    }
  }
  return sorted;
}

/** Lowers sorted uses of layers over nodes that stand for the inputs already; returns the nodes of the outputs. */
export function lowerNodes(
  lowering: Lowering,
  inputs: ReadonlyMap<SymbolicTensor, number>,
  sorted: readonly LayerNode[],
  outputs: readonly SymbolicTensor[],
): number[] {
  const values = new Map(inputs);
  const nodeOf = (tensor: SymbolicTensor) => values.get(tensor) as number;
  for (const node of sorted) {
    const given = lowering.lower(node.layer, node.inputs.map(nodeOf), node.options);
    for (const [i, tensor] of node.outputs.entries()) values.set(tensor, given[i]);
  }
  return outputs.map(nodeOf);
}
