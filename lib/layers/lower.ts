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

/** A node as a layer describes it. The op's contract infers its outputs. */
export type LoweredNode<Op extends OpName = OpName> = {
  name: string;
  op: Op;
  inputs: readonly ValueReference[];
  /** Default none. */
  parameters?: readonly ParameterDescription[];
} & GivenAttributes<AttributesOf<Op>>;

/** The attributes of an op. They may be left out if none is required. */
type GivenAttributes<Attributes> =
  Record<never, never> extends Attributes ? { attributes?: Attributes } : { attributes: Attributes };

/**
 * The graph of a program, and the stores of its weights in the order in which the program reads and writes
 * them.
 */
export interface LoweredModel {
  nodes: readonly NodeDescription[];
  outputs: readonly number[];
  stores: readonly WeightStore[];
  /** See {@link Lowering.layerValues}. */
  layerValues: ReadonlyMap<string, number>;
}

/**
 * Limit of nodes. A small file can ask for any number: a model that uses another twice, which uses a third
 * twice, and so on.
 */
export const MAX_NODES = 100_000;

/** State of a layer while it lowers itself. */
interface Scope {
  /** How often the layer was lowered before. */
  use: number;
  /** The nodes with parameters that its first use added, in order. */
  owners: number[];
  /** How many nodes with parameters this use has added. */
  added: number;
  frozen: boolean;
  formulas: Formulas;
  /** The use's `training` option, or else that of the enclosing model. */
  training?: boolean;
}

/** State of a model while its layers are lowered. */
interface Level {
  /** Prefix of its layers' names. */
  prefix: string;
  /** How often each of its layers has been used so far. */
  uses: Map<Layer, number>;
}

/** Collects the nodes of a program while layers lower themselves, one after the other. */
export class Lowering {
  readonly nodes: NodeDescription[] = [];
  readonly stores: WeightStore[] = [];
  /**
   * The node of the (first) output of each use of a layer, by name: "base/conv2d_1" in an inner model,
   * "conv2d_1@2" for a second use.
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
   * `trained`: the layers whose weights training updates; default all. `training`: false makes layers always
   * compute as in prediction, unless they were called with `training: true`.
   */
  constructor(trained?: ReadonlySet<Layer>, training?: false) {
    this.#trained = trained;
    this.#scope = { use: 0, owners: [], added: 0, frozen: false, formulas: 'keras', training };
  }

  /**
   * Appends a node and returns its index, which refers to its first output; `[index, 1]` is the second. If
   * the layer was lowered before, the node shares its weights. If the layer is frozen, so are they.
   */
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

  /**
   * Lowers a layer on these input nodes and returns the node of each output. `options` are those of its
   * `apply` call.
   */
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

  /** Lowers the layers of an inner model. The names of their nodes begin with the model's name. */
  within<T>(name: string, lowerLayers: () => T): T {
    this.#prefixes.push(`${name}/`);
    try {
      return lowerLayers();
    } finally {
      this.#prefixes.pop();
    }
  }

  /**
   * Lowers a layer that is applied to each step. The values in between are of steps, so `layerValues` leaves
   * them out.
   */
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

  /** The shape of a value, without the batch. */
  shapeOf(value: ValueReference): Shape {
    return shapeOf(this.nodes, value);
  }

  /** Whether the layer being lowered is frozen: training doesn't update its weights. */
  get frozen(): boolean {
    return this.#scope.frozen;
  }

  /** Which formulas the layer being lowered computes. */
  get formulas(): Formulas {
    return this.#scope.formulas;
  }

  /** Whether the layer being lowered always computes as in training (true) or as in prediction (false). */
  get training(): boolean | undefined {
    return this.#scope.training;
  }

  /** A random stream that no other node of the program uses. */
  nextStream(): number {
    return this.#streams++;
  }
}

function nameUse({ prefix, uses }: Level, layer: Layer): string {
  const use = (uses.get(layer) ?? 0) + 1;
  uses.set(layer, use);
  return `${prefix}${layer.name}${use > 1 ? `@${use}` : ''}`;
}

/**
 * Sorts the uses of layers from `inputs` to `outputs` topologically. Throws INVALID_ARGUMENT if an output
 * depends on another input.
 */
export function sortNodes(
  owner: string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): LayerNode[] {
  const sorted: LayerNode[] = [];
  const state = new Map<LayerNode, 'open' | 'done'>(inputs.map(({ node }) => [node, 'done']));
  // An explicit stack: a deep model would overflow the call stack.
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

/**
 * Lowers sorted uses of layers, one in each step. `inputs` maps the input tensors to their nodes. Returns the
 * nodes of the outputs.
 */
export function* lowerInSlices(
  lowering: Lowering,
  inputs: ReadonlyMap<SymbolicTensor, number>,
  sorted: readonly LayerNode[],
  outputs: readonly SymbolicTensor[],
): Generator<void, number[]> {
  const values = new Map(inputs);
  const nodeOf = (tensor: SymbolicTensor) => values.get(tensor) as number;
  for (const node of sorted) {
    const given = lowering.lower(node.layer, node.inputs.map(nodeOf), node.options);
    for (const [i, tensor] of node.outputs.entries()) values.set(tensor, given[i]);
    yield;
  }
  return outputs.map(nodeOf);
}
