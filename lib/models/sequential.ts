import { ConvforgeError } from '../errors.js';
import { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { SampleShape } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { releaseStores, retainStores } from '../layers/weight-store.js';
import { type LayerEntry, layerEntry } from '../network/saved-config.js';
import { OptionChecks, show } from '../options.js';
import type {
  ChainInput,
  FittingChain,
  FittingLayer,
  Memo,
  Misfit,
  NoOptions,
  OutputsOf,
  SHAPES,
  ShapesOnly,
} from '../shape-types/index.js';
import { LayersModel } from './layers-model.js';
import { LayerNames } from './names.js';
import { NestedModel } from './nested-model.js';

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** Layers, or models used as layers. Default: none; call add. */
  layers?: readonly (Layer | LayersModel)[];
  /** Name of the model. Default "sequential_1", "sequential_2", ... */
  name?: string;
}

/** The config of a Sequential model. */
export interface SequentialConfig extends Record<string, unknown> {
  /** The model's name. */
  name: string;
  /** False if the model is frozen, else absent. */
  trainable?: boolean;
  /** The layers in order. */
  layers: LayerEntry[];
}

let unnamed = 0;

/**
 * A chain of layers: each takes the output of the one before. In the type, `Input` is the shape of a sample,
 * and `Outputs` lists the output shapes of the layers given to the constructor, where they are known.
 */
export class Sequential<
  Input extends SampleShape = SampleShape,
  Outputs extends readonly SampleShape[] = readonly SampleShape[],
> extends LayersModel {
  /** Exists only in the type. */
  declare readonly [SHAPES]?: Memo<[Input, Outputs]>;
  readonly #added = new Set<Layer>();
  readonly #names = new LayerNames();
  /** The list of the layers, made when somebody asks for it. */
  #layers?: readonly Layer[];
  readonly #nodes: LayerNode[] = [];
  #input?: SymbolicTensor;

  constructor(options: SequentialOptions = {}) {
    const checks = new OptionChecks('sequential');
    checks.keys(options, ['layers', 'name']);
    const { layers = [], name = `sequential_${++unnamed}` } = options;
    if (typeof name !== 'string')
      checks.fail('INVALID_ARGUMENT', `name is ${show(name)}; it must be a string.`);
    if (!Array.isArray(layers))
      checks.fail('INVALID_ARGUMENT', `layers is ${show(layers)}; it must be a list of layers.`);
    super(name);
    for (const layer of layers) this.add(layer);
  }

  get layers(): readonly Layer[] {
    this.#layers ??= Object.freeze([...this.#added]);
    return this.#layers;
  }

  get inputs(): readonly SymbolicTensor[] {
    return [this.#input ?? this.#failEmpty()];
  }

  get outputs(): readonly SymbolicTensor[] {
    return [this.#last ?? this.#failEmpty()];
  }

  get sorted(): readonly LayerNode[] {
    return this.#nodes;
  }

  /**
   * Appends a layer, or a model as a layer. The first layer needs inputShape. Weights stay; a compiled model
   * must be compiled again. Throws SHAPE_MISMATCH if the layer doesn't fit the one before, MODEL_BUSY while
   * the model trains, INVALID_ARGUMENT once the model is a layer of another.
   */
  add(added: Layer | LayersModel): void {
    this.#checkOpen();
    if (added === this)
      throw new ConvforgeError('INVALID_ARGUMENT', `${this.name} can't be in itself; make another model.`);
    const layer = added instanceof LayersModel ? added.asLayer() : added;
    this.#checkNew(layer);
    this.#names.name(layer);
    const input = this.#last ?? this.#firstInput(layer);
    if (!(layer instanceof InputLayer)) this.#nodes.push(layer.apply(input).node);
    this.#input ??= input;
    this.#names.add(layer);
    this.#added.add(layer);
    this.#layers = undefined;
    retainStores([layer]);
    this.state.renewProgram();
    this.forgetCompiled();
  }

  /**
   * Removes the last layer, for example to replace a classifier's head. Weights stay; a compiled model must
   * be compiled again. Throws as `add` does, and INVALID_ARGUMENT if there are no layers.
   */
  pop(): void {
    this.#checkOpen();
    const layer = this.layers[this.layers.length - 1] ?? this.#failEmpty();
    this.state.renewProgram();
    this.forgetCompiled();
    this.#names.delete(layer);
    this.#added.delete(layer);
    this.#layers = undefined;
    if (!(layer instanceof InputLayer)) layer.forget(this.#nodes.pop() as LayerNode);
    if (this.#added.size === 0) this.#input = undefined;
    releaseStores([layer]);
  }

  getClassName(): string {
    return 'Sequential';
  }

  getConfig(): SequentialConfig {
    const layers = this.layers.map(layerEntry);
    return { name: this.name, ...(!this.trainable && { trainable: false }), layers };
  }

  /** Throws MODEL_BUSY or INVALID_ARGUMENT if layers may not be added or removed now. */
  #checkOpen(): void {
    this.state.checkIdle();
    if (!this.isLayerOfOthers) return;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${this.name} is a layer of another model, so it must stay as it is; make another model.`,
    );
  }

  get #last(): SymbolicTensor | undefined {
    return this.#nodes[this.#nodes.length - 1]?.outputs[0] ?? this.#input;
  }

  #failEmpty(): never {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${this.name} has no layers yet; add one with inputShape first.`,
    );
  }

  #checkNew(layer: Layer): void {
    if (!(layer instanceof Layer)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${this.name}: ${show(layer)} is not a layer; use layers.conv2d({...}), layers.dense({...}) and the like.`,
      );
    }
    const problem =
      layer instanceof InputLayer && this.#input
        ? 'is an input, which only the first layer can be'
        : layer instanceof NestedModel && layer.model.outputs.length > 1
          ? `gives ${layer.model.outputs.length} values, and the next layer takes one; use model({inputs, outputs})`
          : this.#added.has(layer)
            ? `is in ${this.name} already; make another layer`
            : layer.isNamed && this.#names.has(layer.name)
              ? `can't be added: ${this.name} has a layer of that name; choose another`
              : undefined;
    if (problem) {
      throw new ConvforgeError('INVALID_ARGUMENT', `${layer.name} ${problem}.`, { layer: layer.name });
    }
  }

  /** The input of the first layer: its own if it is an input, else a new one of its inputShape. */
  #firstInput(layer: Layer): SymbolicTensor {
    if (layer instanceof InputLayer) return layer.output;
    const inputShape = layer.inputShape ?? layer.usualInputShape;
    if (inputShape)
      return new InputLayer({ inputShape: [...inputShape], name: `${layer.name}_input` }).output;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${layer.name}: the first layer of a model needs inputShape, the shape of one sample, such as [28, 28, 1], with null for sizes that may be any.`,
      { layer: layer.name },
    );
  }
}

/**
 * Creates a model that is a chain of layers. `sequential([layer, ...])` is short for `sequential({layers:
 * [layer, ...]})`. Types know each layer's output shape; a layer that doesn't fit is a type error, see
 * docs/types.md.
 *
 * @param given The layers, or {@link SequentialOptions}. Default: none; `add` them later.
 * @returns A {@link Sequential}, whose type has the shape of a sample and each layer's output shape.
 */
export function sequential<const Argument extends ChainArgument = NoOptions>(
  given?: FittingArgument<Argument>,
): Sequential<ChainInput<LayersIn<Argument>>, ShapesOnly<OutputsOf<LayersIn<Argument>>>> {
  return new Sequential((Array.isArray(given) ? { layers: given } : given) as SequentialOptions | undefined);
}

type ChainArgument = readonly (Layer | LayersModel)[] | SequentialOptions;

type LayersIn<Argument> = Argument extends readonly unknown[]
  ? Argument
  : Argument extends { readonly layers: infer Layers extends readonly unknown[] }
    ? Layers
    : readonly Layer[];

/** The argument's type, with a Misfit in place of each layer that doesn't fit and of each unknown option. */
type FittingArgument<Argument> = {
  [Key in keyof Argument]: Argument extends readonly unknown[]
    ? FittingLayer<Argument, Key>
    : Key extends 'layers'
      ? FittingChain<Argument[Key]>
      : Key extends keyof SequentialOptions
        ? Argument[Key]
        : Misfit<`there is no option '${Key & string}'`>;
};
