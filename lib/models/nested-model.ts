import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { Layer, type LayerClass } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import { lowerInSlices, type Lowering, MAX_NODES } from '../layers/lower.js';
import { type SampleShape, sameShape, shapesKey, showShape } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import type { WeightParts } from '../layers/weight-tensors.js';
import { inferOutputs } from '../network/infer-outputs.js';
import type { Shape } from '../program/description.js';
import { SlicedWork } from '../program/sliced-work.js';
import type { LayersModel } from './layers-model.js';
import { inspectNestedModel } from './summary.js';

/** Maximum depth of nested models. Files may not nest deeper, and each level takes a recursive call. */
const MAX_DEPTH = 32;

const MAX_CACHED_SHAPES = 1000;

/** A model used as a layer of others. Its `trainable` is the model's. */
export class NestedModel extends Layer {
  /** Class name of the most general kind of model; getClassName returns the model's own. */
  static override readonly className: string = 'Functional';

  override readonly isModel = true;
  override readonly takesSeveral: boolean;
  /**
   * Levels of models, this one included. Known once the model is used as a layer, when it can no longer grow.
   */
  #depth = 0;
  /** Uses of layers that aren't models. Known when `#depth` is. */
  #uses = 0;
  /**
   * Output shapes by input shapes. Without this cache, repeated use at every level would infer the same
   * shapes exponentially often.
   */
  readonly #inferred = new Map<string, readonly Shape[]>();

  /** The model itself. */
  readonly model: LayersModel;

  constructor(model: LayersModel) {
    super({ name: model.name });
    this.model = model;
    this.takesSeveral = model.inputs.length > 1;
  }

  /** Returns a list if the model has several outputs. */
  protected override given({ outputs }: LayerNode): SymbolicTensor | SymbolicTensor[] {
    return outputs.length === 1 ? outputs[0] : [...outputs];
  }

  /** Levels of models, this one included: 1 for a model of plain layers. @internal */
  get depth(): number {
    return this.#depth;
  }

  /** Uses of layers, those within its models included. @internal */
  get uses(): number {
    return this.#uses;
  }

  override get trainable(): boolean {
    return this.model.trainable;
  }

  override set trainable(trainable: boolean) {
    this.model.trainable = trainable;
  }

  protected override inferShape(...inputShapes: Shape[]): Shape {
    return this.inferShapes(inputShapes)[0];
  }

  protected override inferShapes(inputShapes: readonly Shape[]): readonly Shape[] {
    this.#depth ||= 1 + Math.max(0, ...this.model.layers.map(depthOf));
    if (this.#depth > MAX_DEPTH) {
      this.checks.fail('TOO_LARGE', `models are in models ${this.#depth} deep; the most is ${MAX_DEPTH}.`);
    }
    this.#uses ||= this.model.sorted.reduce((sum, { layer }) => sum + usesOf(layer), 0);
    if (this.#uses > MAX_NODES)
      this.checks.fail('TOO_LARGE', `it has ${this.#uses} operations; the most is ${MAX_NODES}.`);
    const { inputs, outputs } = this.model;
    for (const [i, input] of inputs.entries()) {
      if (inputShapes[i]?.length === input.sampleShape.length) continue;
      this.checks.fail(
        'SHAPE_MISMATCH',
        `its input ${input.name} takes ${showShape(input.sampleShape)}, not ${showShape(inputShapes[i] ?? [])}.`,
      );
    }
    // The model may be used with other sizes than it was made with, if its layers fit them.
    const isSame = inputs.every(({ sampleShape }, i) => sameShape(sampleShape, inputShapes[i]));
    return isSame ? outputs.map(({ sampleShape }) => sampleShape as Shape) : this.#inferCached(inputShapes);
  }

  #inferCached(inputShapes: readonly Shape[]): readonly Shape[] {
    const key = shapesKey(inputShapes);
    const known = this.#inferred.get(key);
    if (known) return known;
    const shapes = inferOutputs(this.model, inputShapes);
    if (this.#inferred.size === MAX_CACHED_SHAPES) this.#inferred.clear();
    this.#inferred.set(key, shapes);
    return shapes;
  }

  override lower(lowering: Lowering, ...inputs: number[]): number {
    return this.lowerOutputs(lowering, inputs)[0];
  }

  override lowerOutputs(lowering: Lowering, inputs: readonly number[]): readonly number[] {
    const { model } = this;
    const values = new Map(model.inputs.map((input, i) => [input, inputs[i]]));
    const steps = lowerInSlices(lowering, values, model.sorted, model.outputs);
    return lowering.within(this.name, () => new SlicedWork(steps).wait());
  }

  override get usualInputShape(): SampleShape {
    return this.model.inputs[0].sampleShape;
  }

  override get stores(): readonly WeightStore[] {
    return [...new Set(this.model.layers.flatMap((layer) => layer.stores))];
  }

  override get trainableStores(): readonly WeightStore[] {
    return this.trainable ? this.model.layers.flatMap((layer) => layer.trainableStores) : [];
  }

  override get weightParts(): WeightParts {
    return this.model.weightParts;
  }

  /** @internal */
  override [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectNestedModel);
  }

  override getConfig(): LayerConfig {
    return this.model.getConfig();
  }

  override getClassName(): string {
    return this.model?.getClassName() ?? (this.constructor as unknown as LayerClass).className;
  }
}

function depthOf(layer: Layer): number {
  return layer instanceof NestedModel ? layer.depth : 0;
}

function usesOf(layer: Layer): number {
  return layer instanceof NestedModel ? layer.uses : 1;
}
