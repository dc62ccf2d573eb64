import { ConvforgeError } from '../errors.js';
import type { IOHandler, SaveResult } from '../io/artifacts.js';
import type { SaveOptions } from '../io/save-model.js';
import { type Graph, type GraphPort, valueRef } from '../graph-model/graph.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { DataLike } from '../network/ports.js';
import { isPlainObject, show, unknownName } from '../options.js';
import type { PendingTensor } from '../tensor/index.js';
import type { PendingTensors } from '../tensor/pending-tensor.js';
import type { PredictOptions } from '../training/predict.js';
import { Functional } from './functional.js';
import type { LayersModel } from './layers-model.js';

/** An input or output of a {@link GraphModel}. */
export interface GraphTensorInfo {
  /** Name of the node in the graph. */
  name: string;
  /** Its shape with the batch in front, [null, ...]; null for unknown sizes. */
  shape: (number | null)[];
  /** Type of its values. */
  dtype: 'float32' | 'int32' | 'bool';
}

/** What a graph model is made from. */
export interface GraphModelParts {
  graph: Graph;
  inputs: readonly SymbolicTensor[];
  outputs: readonly SymbolicTensor[];
  /** What nodes compute, by name. */
  tensors: ReadonlyMap<string, SymbolicTensor>;
  /** The file's signature, if it has one. */
  signature?: object;
  /** The library that wrote the file. */
  version?: string;
  /** The file's userDefinedMetadata. */
  metadata?: Readonly<Record<string, unknown>>;
}

/**
 * A graph model of TF.js, whose operations have become layers. It has the methods of TF.js's class of this name.
 * `model` is the same network as layers, which can be trained, explained and saved.
 */
export class GraphModel {
  /** The network as layers. Inputs and outputs have the signature's names and order. */
  readonly model: LayersModel;
  readonly #parts: GraphModelParts;
  /** Models of other outputs, by their names. */
  readonly #others = new Map<string, LayersModel>();

  /** @internal */
  constructor(parts: GraphModelParts) {
    this.#parts = parts;
    this.model = new Functional({ inputs: parts.inputs, outputs: parts.outputs });
  }

  /** The inputs, in the order in which lists of data are given. */
  get inputs(): GraphTensorInfo[] {
    return describe(this.#parts.graph.inputs, this.#parts.inputs);
  }

  /** The outputs, in the order of predictions. */
  get outputs(): GraphTensorInfo[] {
    return describe(this.#parts.graph.outputs, this.#parts.outputs);
  }

  /** Names of the inputs' nodes. */
  get inputNodes(): string[] {
    return this.inputs.map(({ name }) => name);
  }

  /** Names of the outputs' nodes. */
  get outputNodes(): string[] {
    return this.outputs.map(({ name }) => name);
  }

  /** The names that the file gives to inputs and outputs. undefined if it gives none. */
  get modelSignature(): object | undefined {
    return this.#parts.signature;
  }

  /** The version of the library that wrote the model. undefined if the file tells none. */
  get modelVersion(): string | undefined {
    return this.#parts.version;
  }

  /** What the file has for its users. */
  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#parts.metadata;
  }

  /**
   * Returns the outputs [n, ...] for samples x [n, ...]: one, or a list in the order of `outputs`. x is one
   * tensor, a list, or an object by names of the signature or of nodes. Throws as {@link LayersModel.predict}.
   */
  predict<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
    options?: PredictOptions,
  ): NoInfer<Outputs> {
    return this.model.predict<Outputs>(this.#byPort(x, this.#parts.inputs), options);
  }

  /** Like predict, but resolves to plain tensors. */
  async predictAsync(x: DataLike, options?: PredictOptions) {
    return this.predict<PendingTensor | PendingTensors>(x, options);
  }

  /**
   * Returns what nodes of the graph compute, by name: "dense/Relu", or "split:1" for a second output. One name
   * gives one tensor, several give a list. Default: the outputs.
   *
   * @throws INVALID_ARGUMENT for unknown names; UNSUPPORTED for nodes that are computed within a layer, such as a
   * convolution whose bias is added after it.
   */
  execute<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
    outputs?: string | readonly string[],
  ): NoInfer<Outputs> {
    if (outputs === undefined) return this.predict<Outputs>(x);
    const names = typeof outputs === 'string' ? [outputs] : outputs;
    const wanted = names.map((name) => this.#tensor(name));
    const needed = neededInputs(wanted);
    const inputs = this.#parts.inputs.filter((input) => needed.has(input));
    const key = JSON.stringify(names);
    const model = this.#others.get(key) ?? new Functional({ inputs, outputs: wanted });
    this.#others.set(key, model);
    return model.predict<Outputs>(this.#byPort(x, inputs));
  }

  /** Like execute, but resolves to plain tensors. */
  async executeAsync(x: DataLike, outputs?: string | readonly string[]) {
    return this.execute<PendingTensor | PendingTensors>(x, outputs);
  }

  /** Saves the network as layers: see {@link LayersModel.save}. */
  save<Result = SaveResult>(target: string | IOHandler<Result>, options?: SaveOptions): Promise<Result> {
    return this.model.save(target as IOHandler<Result>, options) as Promise<Result>;
  }

  /** Frees the model's memory. Calling it is optional and idempotent. */
  dispose(): void {
    for (const model of [this.model, ...this.#others.values()]) model.dispose();
  }

  /** What a node computes. */
  #tensor(name: string): SymbolicTensor {
    const { graph, tensors, outputs } = this.#parts;
    const port = graph.outputs.findIndex(({ key }) => key === name);
    if (port >= 0) return outputs[port];
    const { node, output } = valueRef(name);
    const found = tensors.get(output === 0 ? node : `${node}:${output}`);
    if (found) return found;
    const isInGraph = graph.nodes.has(node);
    throw new ConvforgeError(
      isInGraph ? 'UNSUPPORTED' : 'INVALID_ARGUMENT',
      isInGraph
        ? `execute: no layer gives the value of ${show(name)}: it is a constant, isn't needed by an output, or is computed within the layer of a later node.`
        : `execute: ${unknownName('node', name, [...tensors.keys()])}`,
    );
  }

  /** Data by the names of the model's inputs, if it is given by those of nodes or of the signature. */
  #byPort(x: DataLike, inputs: readonly SymbolicTensor[]): DataLike {
    if (!isPlainObject(x)) return x;
    const { graph, inputs: all } = this.#parts;
    const names = new Map<string, string>();
    for (const [i, { key, ref }] of graph.inputs.entries())
      for (const name of [key, ref.node, `${ref.node}:0`]) names.set(name, all[i].name);
    const wanted = new Set(inputs.map(({ name }) => name));
    const given = Object.entries(x).map(([name, value]) => [names.get(name) ?? name, value] as const);
    const isUnneeded = (name: string) => all.some((input) => input.name === name) && !wanted.has(name);
    return Object.fromEntries(given.filter(([name]) => !isUnneeded(name))) as DataLike;
  }
}

function describe(ports: readonly GraphPort[], tensors: readonly SymbolicTensor[]): GraphTensorInfo[] {
  return tensors.map(({ shape, sourceLayer }, i) => ({
    name: ports[i].ref.node,
    shape,
    dtype: sourceLayer instanceof InputLayer ? sourceLayer.dtype : 'float32',
  }));
}

/** The inputs of a model that these values depend on. */
function neededInputs(outputs: readonly SymbolicTensor[]): ReadonlySet<SymbolicTensor> {
  const nodes = new Set<LayerNode>(outputs.map(({ node }) => node));
  // Iterating over a set also visits what is added meanwhile.
  for (const { inputs } of nodes) for (const { node } of inputs) nodes.add(node);
  return new Set([...nodes].filter(({ inputs }) => inputs.length === 0).flatMap((node) => node.outputs));
}
