import { ConvforgeError } from '../errors.js';
import { Permute } from '../layers/reshaping/permute.js';
import { Reshape } from '../layers/reshaping/reshape.js';
import { isKnown, MAX_ELEMENTS } from '../layers/shapes.js';
import type { Layer } from '../layers/base-layer.js';
import { applyOperation, type OperationConstant } from '../layers/operation/index.js';
import type { ApplyOptions, SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { readTensor, type ReadExternal } from './tensors.js';
import { type Constant, numberOf } from './constants.js';
import type { OnnxGraph, OnnxNode } from './graph.js';
import type { SparseMessage, TensorMessage } from './messages.js';
import { readSparse } from './sparse.js';
import { type OperationArgument, writeSizes } from './size-attributes.js';
import type { Size } from './sizes.js';
import { type Computed, computed, type Flattened, identityOrder, sameOrder, type Value } from './values.js';

/** Makes the values of a weight, in slices. */
export type MakeWeight = () => Generator<void, Float32Array>;

function constantArgument(constant: Constant & { readonly isTrainable?: boolean }): OperationConstant {
  const { elements, shape, isTrainable = false } = constant;
  const values = Float32Array.from(elements as ArrayLike<Size>, numberOf);
  return { shape, values, trainable: isTrainable };
}

/** What nodes share while they become layers. */
export class Context {
  readonly graph: OnnxGraph;
  /** How the weights of each layer are made, in the order of its specs. */
  readonly weights = new Map<WeightStore, readonly MakeWeight[]>();
  /** Nodes that use each value, and 1 for an output. */
  readonly uses: ReadonlyMap<string, number>;
  /** The node that gives each value. */
  readonly makers: ReadonlyMap<string, OnnxNode>;
  readonly #values = new Map<string, Value>();
  readonly #external: ReadExternal;
  readonly #names: Set<string>;
  readonly #layers = new Map<string, Layer>();
  readonly #unflattened = new WeakMap<Flattened, Computed>();

  constructor(graph: OnnxGraph, external: ReadExternal) {
    this.graph = graph;
    this.#external = external;
    this.#names = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
    const uses = new Map<string, number>();
    const use = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const { inputs } of graph.nodes) inputs.forEach(use);
    for (const { name } of graph.outputs) use(name);
    this.uses = uses;
    this.makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  }

  /** The number of samples, where the file has it as a number. */
  get fixedBatch(): number | undefined {
    for (const { dims } of this.graph.inputs) if (typeof dims?.[0] === 'number') return dims[0];
    return undefined;
  }

  get opset(): number {
    return this.graph.opset;
  }

  /** The value of a name, if what gives it could be done. */
  value(name: string): Value | undefined {
    const known = this.#values.get(name);
    if (known) return known;
    const { tensors, sparse, file } = this.graph;
    const [tensor, places] = [tensors.get(name), sparse.get(name)];
    const what = `the tensor '${name}'`;
    if (!tensor && !places) return undefined;
    const value = tensor
      ? this.constantOf(tensor, what)
      : readSparse(file, places as SparseMessage, what, this.#external);
    this.#values.set(name, value);
    return value;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  constantOf(tensor: TensorMessage, what: string): Constant {
    return readTensor(this.graph.file, tensor, what, this.#external);
  }

  /** A name for a layer that no other has. */
  nameOf(wanted: string): string {
    const plain = wanted.replace(/^\/+/, '') || 'node';
    let name = plain;
    for (let i = 1; this.#names.has(name); i++) name = `${plain}_${i}`;
    this.#names.add(name);
    return name;
  }

  /**
   * Applies a layer that has no weights, or whose weights `makers` make. A layer that was made before with the
   * same key, from the same tensors of the file, is applied again: the uses share their weights.
   */
  apply<L extends Layer>(
    make: (name: string) => L,
    name: string,
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    makers: readonly MakeWeight[] = [],
    key?: string,
    call?: ApplyOptions,
  ): SymbolicTensor {
    const known = key === undefined ? undefined : this.#layers.get(key);
    const layer = known ?? make(this.nameOf(name));
    const output = layer.apply(inputs as never, call) as SymbolicTensor;
    if (known) return output;
    if (key !== undefined) this.#layers.set(key, layer);
    if (makers.length > 0) this.weights.set(layer.stores[0], makers);
    return output;
  }

  /** Applies an operation that layers don't have. Sizes in its attributes may be expressions. */
  operation(
    op: string,
    inputs: readonly OperationArgument[],
    attributes: Readonly<Record<string, unknown>>,
    name: string,
  ): readonly SymbolicTensor[] {
    const { values, written } = writeSizes(inputs, attributes);
    const args = values.map((each) =>
      typeof each === 'object' && 'kind' in each ? constantArgument(each) : each,
    );
    return applyOperation(op, args, written, { name: this.nameOf(name) });
  }

  /** The tensor with the file's axes in this order: permuted only if it must be. */
  ordered(value: Computed, order: readonly number[], name = 'transpose'): SymbolicTensor {
    const { tensor } = value;
    if (sameOrder(value.order, order)) return tensor;
    const from = order.map((axis) => value.order.indexOf(axis));
    const { sampleShape } = tensor;
    const wide = from.slice(1).filter((p) => sampleShape[p - 1] !== 1);
    const isReshape = wide.every((p, i) => i === 0 || p > wide[i - 1]);
    const shape = from.slice(1).map((p) => sampleShape[p - 1]);
    if (isReshape && shape.filter((size) => size === null).length < 2)
      return this.apply((own) => new Reshape({ name: own, targetShape: shape }), name, tensor);
    return this.apply((own) => new Permute({ name: own, dims: from.slice(1) }), name, tensor);
  }

  /** The tensor with its axes in the file's order. */
  plain(value: Computed, name?: string): SymbolicTensor {
    return this.ordered(value, identityOrder(value.order.length), name);
  }

  /** Flattens what is left to be flattened. */
  unflattened(value: Computed | Flattened): Computed {
    if (value.kind === 'computed') return value;
    const known = this.#unflattened.get(value);
    if (known) return known;
    const targetShape = [sampleSize(value)];
    const flat = this.apply(
      (own) => new Reshape({ name: own, targetShape }),
      'flatten',
      this.plain(value.from),
    );
    const made = computed(flat, undefined, value.dims);
    this.#unflattened.set(value, made);
    return made;
  }
}

function sampleSize({ dims }: Flattened): number {
  const size = dims[1];
  return typeof size === 'number' && size <= MAX_ELEMENTS ? size : -1;
}

/** Throws UNSUPPORTED for a node that can't be done, which a list of all such then names. */
export function cannot(why: string): never {
  throw new ConvforgeError('UNSUPPORTED', why);
}

/** Throws CORRUPT_FILE for a node that isn't valid. */
export function invalid(why: string): never {
  throw new ConvforgeError('CORRUPT_FILE', why);
}

/** The sizes of a tensor's samples. Throws UNSUPPORTED where one may vary. */
export function knownSizes(tensor: SymbolicTensor, why: string): readonly number[] {
  const { sampleShape } = tensor;
  if (isKnown(sampleShape)) return sampleShape;
  return cannot(`${why} needs sizes that the file's inputs leave open`);
}

/** A node with its values. */
export class Use {
  constructor(
    readonly context: Context,
    readonly node: OnnxNode,
  ) {}

  /** How many inputs there are, with those left out between others. */
  get count(): number {
    return this.node.inputs.length;
  }

  /** The value of an input as it is; undefined if it is left out. */
  optional(index: number): Value | undefined {
    const name = this.node.inputs[index];
    if (name === undefined || name === '') return undefined;
    return this.context.value(name);
  }

  value(index: number): Value {
    return this.optional(index) ?? invalid(`its input ${index + 1} is missing`);
  }

  /** The value of an input that the model computes. */
  computed(index: number): Computed {
    const value = this.value(index);
    if (value.kind === 'constant')
      return cannot(`its input ${index + 1} is a constant, which isn't computed here`);
    return this.context.unflattened(value);
  }

  /** An input that must be a constant. */
  constant(index: number, what: string): Constant {
    const value = this.value(index);
    return value.kind === 'constant'
      ? value
      : cannot(`its ${what} is computed by the model; it must be a constant`);
  }

  optionalConstant(index: number, what: string): Constant | undefined {
    return this.optional(index) && this.constant(index, what);
  }

  /** Integers of a constant, or of an attribute in older versions. */
  numbers(index: number, attribute: string): readonly number[] | undefined {
    const value = this.optionalConstant(index, attribute);
    if (!value) return this.node.ints(attribute);
    if (!value.isKnown) return cannot(`its ${attribute} depends on sizes that the file's inputs leave open`);
    return Array.from(value.elements as ArrayLike<number>);
  }
}

/** Axes counted from 0. */
export function readAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    return invalid(`there is no axis ${axis} among ${rank}`);
  return axis < 0 ? axis + rank : axis;
}
