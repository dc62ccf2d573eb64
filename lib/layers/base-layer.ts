import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { OptionChecks, show } from '../options.js';
import type { Shape } from '../program/description.js';
import type { Lowering } from './lower.js';
import type { AppliedShape, FittingInputs } from '../shape-types/index.js';
import type { Tensor } from '../tensor/index.js';
import { checkComplete } from './check-complete.js';
import { configOptions, type LayerConfig } from './config.js';
import type { Formulas } from './formulas.js';
import { inferShape, inferUse } from './infer-use.js';
import { checkInputShape, readApplyOptions, readInputs } from './read-apply.js';
import { inspectLayer } from './inspect-layer.js';
import { LAYER_SCHEMA, type LayerOptions } from './layer-options.js';
import { readOptions, type Schema, writeOptions } from './options/schema.js';
import { readInputShape } from './read-input-shape.js';
import { checkElementCount, elementCount, type SampleShape, sameShape, showShape } from './shapes.js';
import { snakeCase } from './snake-case.js';
import { type ApplyOptions, LayerNode, type SymbolicTensor } from './symbolic-tensor.js';
import { WeightStore, type WeightSpec } from './weight-store.js';
import {
  placedWeights,
  type WeightParts,
  weightParts,
  weightTensors,
  writeWeightTensors,
} from './weight-tensors.js';

export { LAYER_SCHEMA, type LayerOptions } from './layer-options.js';
export type { WeightSpec } from './weight-store.js';

/** What follows from known shapes of a layer's inputs. */
export interface Inferred {
  /** Shapes of a sample of each output. */
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
 * A layer: its options, its weights, and how shapes and programs come from them. It can be applied several times, in one model or
 * in many: its weights are the same everywhere. Shapes leave the batch out, except `outputShape` and `batchInputShape`, which have
 * null in front as in TF.js.
 */
export abstract class Layer {
  /** Names it in saved models, as in Keras. */
  static readonly className: string = 'Layer';
  /**
   * The options that layers of the class take.
   * @internal
   */
  static readonly schema: Schema = LAYER_SCHEMA;
  /**
   * Keys that other programs write into configs of the class and that are no options, each with the one value that means nothing
   * here.
   * @internal
   */
  static readonly ignoredConfig: Readonly<Record<string, unknown>> = {};

  /** Shape of what the first input takes with the batch in front, if the options gave it. */
  readonly batchInputShape?: readonly (number | null)[];
  /**
   * Whether it takes a list of inputs instead of one.
   * @internal
   */
  readonly takesSeveral: boolean = false;
  /**
   * Whether it stands for a model, whose layers have the weights.
   * @internal
   */
  readonly isModel: boolean = false;
  /**
   * Whose formulas it computes, where TF.js and Keras differ.
   * @internal
   */
  formulas: Formulas = 'keras';
  /**
   * Its uses, in their order.
   * @internal
   */
  readonly nodes: readonly LayerNode[] = [];
  readonly #givenName?: string;
  #modelsName?: string;
  #store?: WeightStore;
  #trainable: boolean;
  /** Whether TF.js counts the layer, and its weights, as trainable. */
  #order: { layer: boolean; weights: boolean };

  /** @internal */
  constructor(options: LayerOptions) {
    checkComplete(this, Layer.className);
    const label = typeof options?.name === 'string' ? options.name : snakeCase(this.getClassName());
    const checks = new OptionChecks(label, label);
    const { schema } = this.layerClass;
    checks.keys(options, Object.keys(schema));
    if (options.name != null) {
      if (typeof options.name !== 'string' || options.name === '') {
        checks.fail(
          'INVALID_ARGUMENT',
          `name is ${show(options.name)}; it must be a string with a character or more.`,
        );
      }
      this.#givenName = options.name;
    }
    this.#trainable = checks.boolean('trainable', options.trainable ?? true);
    this.#order = { layer: this.#trainable, weights: this.#trainable };
    const batchInputShape = readInputShape(checks, options);
    if (batchInputShape) this.batchInputShape = batchInputShape;
    readOptions(this, schema, checks, options);
  }

  /**
   * Shape of one output for inputs of these shapes, without the batch. Sizes of an input may be null, for any; then so are those of the
   * output that depend on them. Throws SHAPE_MISMATCH if the inputs don't fit.
   */
  computeOutputShape(inputShape: Shape, ...others: Shape[]): Shape;
  computeOutputShape(inputShape: SampleShape, ...others: SampleShape[]): SampleShape;
  computeOutputShape(...inputShapes: [SampleShape, ...SampleShape[]]): SampleShape {
    return inferShape(this, inputShapes, ([first, ...others]) => this.inferShape(first, ...others));
  }

  /** As computeOutputShape, of known sizes. */
  protected abstract inferShape(inputShape: Shape, ...others: Shape[]): Shape;

  /**
   * Adds this layer's nodes to a program and returns the index of the last one; `input` and `others` are the nodes that it reads.
   * @internal
   */
  abstract lower(lowering: Lowering, input: number, ...others: number[]): number;

  /** Shapes of all outputs, for a layer that can have several. */
  protected inferShapes(inputShapes: readonly Shape[]): readonly Shape[] {
    const [first, ...others] = inputShapes;
    return [this.inferShape(first, ...others)];
  }

  /**
   * As lower; returns the indexes of the nodes that give the outputs.
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

  /** The options that make this layer again, as plain data; fromConfig reads them. */
  getConfig(): LayerConfig {
    const config: LayerConfig = { name: this.name };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    if (!this.trainable) config.trainable = false;
    return { ...config, ...writeOptions(this, this.layerClass.schema) };
  }

  /** A layer of this class from what getConfig gave. Throws UNSUPPORTED for options that it doesn't know. */
  static fromConfig(config: LayerConfig): Layer {
    const Class = this as unknown as LayerClass & (new (options: LayerConfig) => Layer);
    return new Class(configOptions(Class, config));
  }

  /** That of the options, or the one that its model gave it. */
  get name(): string {
    return this.#givenName ?? this.#modelsName ?? snakeCase(this.getClassName());
  }

  /** Whether training changes its weights: false freezes them, in models that are compiled from then on. */
  get trainable(): boolean {
    return this.#trainable;
  }

  /** Takes effect in models that are compiled from then on. */
  set trainable(trainable: boolean) {
    this.#trainable = this.checks.boolean('trainable', trainable);
    this.#order = { layer: trainable, weights: trainable };
  }

  /**
   * Sets `trainable` for a model. TF.js sets that of the weights, and only if the layer is the model's own (`isOwn`): not inside another
   * model or layer.
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

  /** As Keras names the class: "Conv2D". */
  getClassName(): string {
    return this.layerClass.className;
  }

  /** Of one sample, if the options gave it; null for sizes that may be any. */
  get inputShape(): SampleShape | undefined {
    return this.batchInputShape?.slice(1);
  }

  /**
   * Uses the layer on a value, or on a list of values where it merges several, and gives what comes out. The first use settles the
   * shapes of its weights. Throws SHAPE_MISMATCH if the inputs or the weights don't fit, UNKNOWN_OPTION for options that aren't there.
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

  /** What apply gives of a use. */
  protected given(node: LayerNode): SymbolicTensor | SymbolicTensor[] {
    return node.outputs[0];
  }

  /**
   * The layer that it applies, which has the weights.
   * @internal
   */
  get inner(): Layer | undefined {
    return undefined;
  }

  /** What the first use takes; a list where the layer merges several. */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    const { inputs } = this.#firstNode;
    return this.takesSeveral ? inputs : inputs[0];
  }

  /** What the first use gives. Throws INVALID_ARGUMENT for a model that gives several values: see `outputs`. */
  get output(): SymbolicTensor {
    const { outputs } = this;
    if (outputs.length === 1) return outputs[0];
    return this.checks.fail('INVALID_ARGUMENT', `it gives ${outputs.length} values; use its outputs.`);
  }

  /** All that the first use gives. */
  get outputs(): readonly SymbolicTensor[] {
    return this.#firstNode.outputs;
  }

  /**
   * What it takes as the first layer of a model, if its options don't say.
   * @internal
   */
  get usualInputShape(): SampleShape | undefined {
    return undefined;
  }

  /** [null, ...], of the first use. Throws as `output` does. */
  get outputShape(): (number | null)[] {
    return this.output.shape;
  }

  /** In the order in which they are read and written; once the layer was applied. */
  get weights(): readonly WeightSpec[] {
    return placedWeights([this]).map(({ spec }) => spec);
  }

  /**
   * The weights as TF.js orders them.
   * @internal
   */
  get weightParts(): WeightParts {
    return weightParts(this.stores, this.#order.layer && this.#order.weights);
  }

  /** Of all weights, those that training doesn't change included. */
  countParams(): number {
    return this.weights.reduce((sum, weight) => sum + elementCount(weight.shape), 0);
  }

  /**
   * Copies, in the order of `weights`; with `trainableOnly` those alone that training changes, which are none of a frozen layer's.
   * Throws MODEL_BUSY while a model trains them.
   */
  getWeights(trainableOnly = false): Tensor[] {
    return weightTensors([this], this.checks.boolean('trainableOnly', trainableOnly));
  }

  /** In the order of `weights`. Throws SHAPE_MISMATCH; MODEL_BUSY while a model trains them. */
  setWeights(weights: Tensor[]): void {
    writeWeightTensors(this.name, [this], weights);
  }

  /**
   * Where the weights' values are.
   * @internal
   */
  get stores(): readonly WeightStore[] {
    if (this.#store) return [this.#store];
    return this.#failUnused();
  }

  /**
   * Takes a store for its weights, unless it has one.
   * @internal
   */
  adopt(store: WeightStore): void {
    this.#store ??= store;
  }

  /**
   * Those that training changes something in.
   * @internal
   */
  get trainableStores(): readonly WeightStore[] {
    return this.trainable ? this.stores : [];
  }

  /**
   * Called by a model that no longer has this use of the layer.
   * @internal
   */
  forget(node: LayerNode): void {
    const nodes = this.nodes as LayerNode[];
    nodes.splice(nodes.indexOf(node), 1);
  }

  /**
   * Called by a model, for a layer that was given no name.
   * @internal
   */
  nameByModel(name: string): void {
    this.#modelsName ??= name;
  }

  /**
   * Whether the name was given, by its options or by a model.
   * @internal
   */
  get isNamed(): boolean {
    return this.#givenName !== undefined || this.#modelsName !== undefined;
  }

  /**
   * Shapes of the outputs, and the weights, for inputs of these shapes. Throws SHAPE_MISMATCH if they don't fit, the weights that it has
   * among others, TOO_LARGE.
   * @internal
   */
  infer(inputShapes: readonly Shape[]): Inferred {
    const [first] = inputShapes;
    const outputs = this.inferShapes(inputShapes);
    for (const shape of outputs) checkElementCount(this.checks, 'an output', shape);
    const weights = this.weightSpecs(first);
    for (const { name, shape } of weights) checkElementCount(this.checks, `a ${name}`, shape);
    for (const [i, { name, shape }] of this.#store?.specs.entries() ?? []) {
      if (sameShape(shape, weights[i].shape)) continue;
      this.checks.fail(
        'SHAPE_MISMATCH',
        `its ${name} is ${showShape(shape)} since it was first applied; an input of ${showShape(first)} would need ${showShape(weights[i].shape)}. Use another layer.`,
      );
    }
    return { outputs, weights };
  }

  get #firstNode(): LayerNode {
    return this.nodes[0] ?? this.#failUnused();
  }

  #failUnused(): never {
    return this.checks.fail(
      'INVALID_ARGUMENT',
      'the layer is in no model yet, so it has no weights and no shapes; add or apply it first.',
    );
  }

  protected get checks(): OptionChecks {
    return new OptionChecks(this.name, this.name);
  }

  private get layerClass(): LayerClass {
    return this.constructor as unknown as LayerClass;
  }
}
