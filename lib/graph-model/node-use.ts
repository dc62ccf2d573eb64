import { ConvforgeError } from '../errors.js';
import { corrupt, errorsNaming, unsupported } from '../io/failures.js';
import type { Layer } from '../layers/base-layer.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { show } from '../options.js';
import { isFloat32Array } from '../realms.js';
import { type Shape, showShape, sizeOf } from '../tensor/shapes.js';
import { Attributes } from './attributes.js';
import { numberList } from './fold.js';
import type { FoldedNode } from './folded-node.js';
import type { GraphNode } from './graph.js';
import { type Known, numbersOf, type Sides2D, type Value } from './values.js';

/** What the nodes of a graph share while they become layers. */
export interface GraphContext {
  readonly path: string;
  /** The constants and the results of nodes so far, by node. */
  readonly values: Map<string, readonly Value[]>;
  /** The nodes that read a node, and undefined for each output of the model that it is. */
  readonly readers: ReadonlyMap<string, readonly (GraphNode | undefined)[]>;
  /** Nodes that the layer of a node before them computes too, with its value. */
  readonly absorbed: Map<string, Value>;
  /** Nodes whose value no layer gives, since the layer goes on to that of a later node. */
  readonly hidden: Set<string>;
  /** Names of layers by the node that they compute, where it isn't the node's own. */
  readonly names: ReadonlyMap<string, string>;
  /** The values of the layers' weights. */
  readonly weights: Map<WeightStore, Float32Array[]>;
  /** Constants that a layer has as its weights. */
  readonly given: Set<ArrayLike<unknown>>;
  /** What was padded with zeros, by the result. */
  readonly padded: Map<SymbolicTensor, { input: SymbolicTensor; padding: Sides2D }>;
  /** The number of samples that the file says its inputs have, if it says any. */
  readonly batch?: number;
  /** Makes the layers of a node, and returns its outputs. */
  map(use: NodeUse): readonly Value[];
  /** Elements that folds may still make. */
  budget: number;
}

/** A weight that a file has. */
export interface StoredWeight {
  shape: Shape;
  values: Float32Array;
}

/** One node of a graph that becomes layers. */
export class NodeUse implements FoldedNode {
  readonly attributes: Attributes;

  constructor(
    readonly graph: GraphContext,
    readonly node: GraphNode,
    readonly inputs: readonly Value[],
    /** How a convolution between SpaceToBatchND and BatchToSpaceND is dilated and padded. */
    readonly blocks?: { dilation: readonly [number, number]; padding: Sides2D },
  ) {
    this.attributes = new Attributes(graph.path, node);
  }

  get op(): string {
    return this.node.op;
  }

  /** The name of the layer that the node becomes. */
  nameOf(node: GraphNode = this.node): string {
    return this.graph.names.get(node.name) ?? node.name;
  }

  fail(problem: string): never {
    throw unsupported(this.graph.path, `the ${this.op} ${show(this.node.name)} can't be loaded: ${problem}`);
  }

  corrupt(problem: string): never {
    throw corrupt(this.graph.path, `the ${this.op} ${show(this.node.name)}: ${problem}`);
  }

  spend(elements: number): void {
    this.graph.budget -= elements;
    if (this.graph.budget >= 0) return;
    throw new ConvforgeError('TOO_LARGE', `${this.graph.path}: the graph computes too many constants.`);
  }

  /** An input that the model computes. */
  tensor(index = 0): SymbolicTensor {
    const value = this.inputs[index];
    if (value?.kind === 'computed') return value.tensor;
    if (!value) return this.corrupt(`its input ${index} is missing`);
    const what = value.kind === 'known' ? 'a constant' : 'the result of a SpaceToBatchND';
    return this.fail(`its input ${index} is ${what}`);
  }

  /** An input that is known, but for sizes. */
  known(index: number): Known {
    const value = this.inputs[index];
    if (value?.kind === 'known') return value;
    if (!value) return this.corrupt(`its input ${index} is missing`);
    return this.fail(`its input ${index} is computed by the model; it must be a constant`);
  }

  /** The numbers of an input that is known. */
  numbers(index: number): number[] {
    return numberList(this, this.known(index));
  }

  /** An input that is a weight, in an array of its own. */
  weight(index: number): StoredWeight {
    return this.asWeight(this.known(index));
  }

  asWeight(value: Known): StoredWeight {
    const { shape } = value;
    const numbers = numbersOf(value) ?? this.fail('a weight depends on a size');
    if (isFloat32Array(numbers) && !this.graph.given.has(numbers)) {
      this.graph.given.add(numbers);
      return { shape, values: numbers };
    }
    return { shape, values: Float32Array.from(numbers) };
  }

  /** Applies a layer, whose weights are given in the order of its own. */
  layer(
    layer: Layer,
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    weights: readonly Float32Array[] = [],
  ): SymbolicTensor {
    const output = errorsNaming(this.graph.path, () => layer.apply(inputs as SymbolicTensor));
    const [store] = layer.stores;
    if (!store || store.specs.length === 0) return output;
    const misfit = store.specs.findIndex(({ shape }, i) => sizeOf(shape) !== weights[i]?.length);
    if (misfit >= 0) {
      const { name, shape } = store.specs[misfit];
      return this.corrupt(
        `its ${name} has ${weights[misfit]?.length} elements; ${showShape(shape)} are needed`,
      );
    }
    this.graph.weights.set(store, [...weights]);
    return output;
  }

  /** The only node that reads this one. Undefined if there are others, or if it is an output of the model. */
  readerOf(node: GraphNode): GraphNode | undefined {
    const readers = this.graph.readers.get(node.name) ?? [];
    return readers.length === 1 ? readers[0] : undefined;
  }
}

/** What a node becomes: its outputs. */
export type Mapper = (use: NodeUse) => Value | readonly Value[];
export type Mappers = Readonly<Record<string, Mapper>>;
