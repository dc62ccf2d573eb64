import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import type { Lowering } from './lower.js';
import type { AppliedShape, FittingInputs } from '../shape-types/index.js';
import type { Tensor } from '../tensor/index.js';
import { checkComplete } from './check-complete.js';
import { configOptions, type LayerConfig } from './config.js';
import type { Formulas } from './formulas.js';
import { checkWeights, inferShape, inferUse } from './infer-use.js';
import { checkInputShape, readApplyOptions, readInputs } from './read-apply.js';
import { inspectLayer } from './inspect-layer.js';
import { LAYER_SCHEMA, type LayerOptions, readName } from './layer-options.js';
import { readOptions, type Schema, writeOptions } from './options/schema.js';
import { readInputShape } from './read-input-shape.js';
import { checkElementCount, elementCount, type SampleShape } from './shapes.js';
import { snakeCase } from './snake-case.js';
import { type ApplyOptions, LayerNode, type SymbolicTensor } from './symbolic-tensor.js';
import { WeightStore, type WeightSpec } from './weight-store.js';
import {
  weightRefs,
  type WeightParts,
  weightParts,
  weightTensors,
  writeWeightTensors,
} from './weight-tensors.js';

export { LAYER_SCHEMA, type LayerOptions } from './layer-options.js';
export type { WeightSpec } from './weight-store.js';

/** What a layer infers from known shapes of its inputs. */
export interface Inferred {
  /** The shape of each output, without the batch. */
  outputs: readonly Shape[];
  weights: readonly WeightSpec[];
}

export interface LayerClass {
  readonly className: string;
  readonly schema: Schema;
  readonly ignoredConfig: Readonly<Record<string, unknown>>;
  fromConfig(config: LayerConfig): Layer;
}

/**
 * Base class of all layers. A layer has options and weights; from them it infers shapes and lowers itself to
 * a program.
 *
 * A layer may be applied several times, in one model or in many. All uses share its weights. Shapes leave the
 * batch out, except `outputShape` and `batchInputShape`, which begin with null as in TF.js.
 */
export abstract class Layer {
  /** The name of the class in saved models, as in Keras. */
  static readonly className: string = 'Layer';
  /**
   * The options of the class.
   * @internal
   */
  static readonly schema: Schema = LAYER_SCHEMA;
  /**
   * Keys that other programs write into configs of the class but that are no options here. Each has the one
   * value that may be ignored.
   * @internal
   */
  static readonly ignoredConfig: Readonly<Record<string, unknown>> = {};

  /** Shape of the first input with the batch in front, if the options gave it. */
  readonly batchInputShape?: readonly (number | null)[];
  /**
   * Whether the layer takes a list of inputs instead of one.
   * @internal
   */
  readonly takesSeveral: boolean = false;
  /**
   * Whether the layer stands for a model, whose layers have the weights.
   * @internal
   */
  readonly isModel: boolean = false;
  /**
   * Whether a model may leave outputs of the layer unused.
   * @internal
   */
  readonly mayLeaveOutputs: boolean = false;
  /**
   * Which formulas the layer computes where libraries differ.
   * @internal
   */
  formulas: Formulas = 'keras';
  /**
   * The layer's uses, in the order of the `apply` calls.
   * @internal
   */
  readonly nodes: readonly LayerNode[] = [];
  readonly #givenName?: string;
  #modelsName?: string;
  #store?: WeightStore;
  #trainable: boolean;
  /** Whether the layer, and its weights, count as trainable in TF.js's order of weights. */
  #order: { layer: boolean; weights: boolean };

  /** @internal */
  constructor(options: LayerOptions) {
    checkComplete(this, Layer.className);
    const label = typeof options?.name === 'string' ? options.name : snakeCase(this.getClassName());
    const checks = new OptionChecks(label, label);
    const { schema } = this.layerClass;
    checks.keys(options, Object.keys(schema));
    this.#givenName = readName(checks, options.name);
    this.#trainable = checks.boolean('trainable', options.trainable ?? true);
    this.#order = { layer: this.#trainable, weights: this.#trainable };
    const batchInputShape = readInputShape(checks, options);
    if (batchInputShape) this.batchInputShape = batchInputShape;
    readOptions(this, schema, checks, options);
  }

  /**
   * Infers the shape of the output from the shapes of the inputs, without the batch. An input size may be
   * null if it is unknown; output sizes that depend on it are then null too. Throws SHAPE_MISMATCH if the
   * inputs don't fit.
   */
  computeOutputShape(inputShape: Shape, ...others: Shape[]): Shape;
  computeOutputShape(inputShape: SampleShape, ...others: SampleShape[]): SampleShape;
  computeOutputShape(...inputShapes: [SampleShape, ...SampleShape[]]): SampleShape {
    return inferShape(this, inputShapes, ([first, ...others]) => this.inferShape(first, ...others));
  }

  /** Infers the output's shape from known sizes. Subclasses implement it. */
  protected abstract inferShape(inputShape: Shape, ...others: Shape[]): Shape;

  /**
   * Adds the layer's nodes to a program and returns the index of the last one. `input` and `others` are the
   * indexes of the nodes that it reads.
   * @internal
   */
  abstract lower(lowering: Lowering, input: number, ...others: number[]): number;

  /** The shapes of all outputs. A layer with several outputs overrides it. */
  protected inferShapes(inputShapes: readonly Shape[]): readonly Shape[] {
    const [first, ...others] = inputShapes;
    return [this.inferShape(first, ...others)];
  }

  /**
   * Adds the layer's nodes, as `lower`, and returns the index of the node for each output.
   * @internal
   */
  lowerOutputs(lowering: Lowering, inputs: readonly number[]): readonly number[] {
    const [first, ...others] = inputs;
    return [this.lower(lowering, first, ...others)];
  }

  /**
   * The weights for an input of this shape, in the order in which they are read and written.
   * @internal
   */
  weightSpecs(_inputShape: Shape): readonly WeightSpec[] {
    return [];
  }

  /** The layer's options as plain data, from which `fromConfig` makes the same layer. */
  getConfig(): LayerConfig {
    const config: LayerConfig = { name: this.name };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    if (!this.trainable) config.trainable = false;
    return { ...config, ...writeOptions(this, this.layerClass.schema) };
  }

  /** Makes a layer of this class from a config of `getConfig`. Throws UNSUPPORTED for unknown options. */
  static fromConfig(config: LayerConfig): Layer {
    const Class = this as unknown as LayerClass & (new (options: LayerConfig) => Layer);
    return new Class(configOptions(Class, config));
  }

  /** The name from the options, or else the name that the model gave it. */
  get name(): string {
    return this.#givenName ?? this.#modelsName ?? this.label;
  }

  /** What names of unnamed layers begin with. @internal */
  get label(): string {
    return snakeCase(this.getClassName());
  }

  /**
   * Whether training updates the layer's weights. False freezes them in models that are compiled afterwards.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  /** A change affects models that are compiled afterwards. */
  set trainable(trainable: boolean) {
    this.#trainable = this.checks.boolean('trainable', trainable);
    this.#order = { layer: trainable, weights: trainable };
  }

  /**
   * Sets `trainable` as part of a model. As in TF.js, the order of weights follows only if the layer is the
   * model's own (`isOwn`), not inside another model or layer.
   * @internal
   */
  setTrainableByModel(trainable: boolean, isOwn: boolean): void {
    this.#trainable = trainable;
    if (isOwn) this.#order.weights = trainable;
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectLayer);
  }

  /** The class name in Keras: "Conv2D". */
  getClassName(): string {
    return this.layerClass.className;
  }

  /** Shape of one sample, if the options gave it; null for unknown sizes. */
  get inputShape(): SampleShape | undefined {
    return this.batchInputShape?.slice(1);
  }

  /**
   * Applies the layer to a symbolic tensor, or to a list of them if it merges several, and returns its
   * output. The first call fixes the shapes of its weights. Throws SHAPE_MISMATCH if the inputs don't fit the
   * layer or its weights, and UNKNOWN_OPTION for unknown options.
   */
  apply<This extends Layer, const Inputs extends SymbolicTensor | readonly SymbolicTensor[]>(
    this: This,
    inputs: FittingInputs<This, Inputs>,
    options?: ApplyOptions,
  ): SymbolicTensor<AppliedShape<This, Inputs>> {
    const tensors = readInputs(this.checks, this.takesSeveral, inputs);
    const call = readApplyOptions(this.checks, options);
    checkInputShape(this.checks, this.inputShape, tensors[0].sampleShape);
    const { shapes, weights } = inferUse(this, tensors);
    this.adopt(new WeightStore(weights, () => this.name));
    const node = new LayerNode(this, tensors, shapes, call);
    (this.nodes as LayerNode[]).push(node);
    return this.given(node) as SymbolicTensor<AppliedShape<This, Inputs>>;
  }

  /** What `apply` returns for a use. */
  protected given(node: LayerNode): SymbolicTensor | SymbolicTensor[] {
    return node.outputs[0];
  }

  /** The inner layer of a wrapper, which has the weights. @internal */
  get inner(): Layer | undefined {
    return undefined;
  }

  /** The input of the first use; a list if the layer merges several. */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    const { inputs } = this.#firstNode;
    return this.takesSeveral ? inputs : inputs[0];
  }

  /** The output of the first use. Throws INVALID_ARGUMENT for a model with several outputs: see `outputs`. */
  get output(): SymbolicTensor {
    const { outputs } = this;
    if (outputs.length === 1) return outputs[0];
    return this.checks.fail('INVALID_ARGUMENT', `it gives ${outputs.length} values; use its outputs.`);
  }

  /** All outputs of the first use. */
  get outputs(): readonly SymbolicTensor[] {
    return this.#firstNode.outputs;
  }

  /**
   * The default input shape if the layer is a model's first and its options give none.
   * @internal
   */
  get usualInputShape(): SampleShape | undefined {
    return undefined;
  }

  /** Shape of the first use's output, [null, ...]. Throws as `output` does. */
  get outputShape(): (number | null)[] {
    return this.output.shape;
  }

  /**
   * The weights in the order in which they are read and written. Throws INVALID_ARGUMENT before the layer is
   * applied.
   */
  get weights(): readonly WeightSpec[] {
    return weightRefs([this]).map(({ spec }) => spec);
  }

  /** The weights as TF.js orders them. @internal */
  get weightParts(): WeightParts {
    return weightParts(this.stores, this.#order.layer && this.#order.weights);
  }

  /** Number of elements of all weights, trainable or not. */
  countParams(): number {
    return this.weights.reduce((sum, weight) => sum + elementCount(weight.shape), 0);
  }

  /**
   * Copies of the weights, in the order of `weights`. `trainableOnly` leaves out those that training doesn't
   * update, which are all weights of a frozen layer. Throws MODEL_BUSY while a model trains them.
   */
  getWeights(trainableOnly = false): Tensor[] {
    return weightTensors([this], this.checks.boolean('trainableOnly', trainableOnly));
  }

  /**
   * Sets the weights, in the order of `weights`. Throws SHAPE_MISMATCH if they don't fit, and MODEL_BUSY
   * while a model trains them.
   */
  setWeights(weights: Tensor[]): void {
    writeWeightTensors(this.name, [this], weights);
  }

  /** The stores that hold the weights' values. @internal */
  get stores(): readonly WeightStore[] {
    if (this.#store) return [this.#store];
    return this.#failUnused();
  }

  /**
   * Sets the store of the weights, unless the layer has one.
   * @internal
   */
  adopt(store: WeightStore): void {
    this.#store ??= store;
  }

  /** The stores that training updates. @internal */
  get trainableStores(): readonly WeightStore[] {
    return this.trainable ? this.stores : [];
  }

  /** Removes a use that a model no longer has. @internal */
  forget(node: LayerNode): void {
    const nodes = this.nodes as LayerNode[];
    nodes.splice(nodes.indexOf(node), 1);
  }

  /**
   * Names the layer, unless a model named it before. The option `name` takes precedence.
   * @internal
   */
  nameByModel(name: string): void {
    this.#modelsName ??= name;
  }

  /** Whether the options or a model named the layer. @internal */
  get isNamed(): boolean {
    return this.#givenName !== undefined || this.#modelsName !== undefined;
  }

  /**
   * Infers the outputs' shapes and the weights from the inputs' shapes. Throws SHAPE_MISMATCH if the inputs
   * don't fit the layer or its existing weights, and TOO_LARGE.
   * @internal
   */
  infer(inputShapes: readonly Shape[]): Inferred {
    const [first] = inputShapes;
    const outputs = this.inferShapes(inputShapes);
    for (const shape of outputs) checkElementCount(this.checks, 'an output', shape);
    const weights = this.weightSpecs(first);
    checkWeights(this.checks, weights, this.#store?.specs ?? [], first);
    return { outputs, weights };
  }

  get #firstNode(): LayerNode {
    return this.nodes[0] ?? this.#failUnused();
  }

  #failUnused(): never {
    return this.checks.fail(
      'INVALID_ARGUMENT',
      'the layer has no weights and shapes until it is in a model; add or apply it first.',
    );
  }

  protected get checks(): OptionChecks {
    return new OptionChecks(this.name, this.name);
  }

  private get layerClass(): LayerClass {
    return this.constructor as unknown as LayerClass;
  }
}
