import { ConvforgeError } from '../errors.js';
import { Layer, type LayerHome, type WeightSpec } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import { layerClass } from '../layers/registry.js';
import { snakeCase } from '../layers/snake-case.js';
import { OptionChecks, show } from '../options.js';
import type { NodeDescription, Shape } from '../program/description.js';
import { lowerChain } from '../program/lower.js';
import type { Tensor } from '../tensor/index.js';
import { LayersModel, type Signature } from './layers-model.js';
import { readWeightValues, weightTensors } from './weights.js';

export interface SequentialOptions {
  /** Default none: use add. */
  layers?: readonly Layer[];
  /** Default "sequential_1" and so on. */
  name?: string;
}

let unnamed = 0;

/** Layers in a chain, each fed by the one before. */
export class Sequential extends LayersModel {
  readonly #layers: Layer[] = [];
  #signature?: Signature;

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
    return this.#layers;
  }

  get signature(): Signature {
    if (this.#signature) return this.#signature;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${this.name} has no layers yet; add one with inputShape first.`,
    );
  }

  /**
   * Appends a layer; the first one needs inputShape. A model that was compiled must be compiled again; weights stay. Throws
   * SHAPE_MISMATCH if the layer doesn't fit the one before, MODEL_BUSY while the model trains.
   */
  add(layer: Layer): void {
    this.state.checkIdle();
    this.#checkNew(layer);
    const input = this.#signature?.output ?? this.#firstInput(layer);
    const name = layer.hasGivenName ? layer.name : this.#freeName(layer);
    const { outputShape, weights } = layer.infer(input, name);
    this.state.addWeights(name, weights);
    this.forgetCompiled();
    layer.moveIn(this.#home(layer, outputShape, weights));
    this.#layers.push(layer);
    this.#signature = { input: this.#signature?.input ?? input, output: outputShape };
  }

  getClassName(): string {
    return 'Sequential';
  }

  getConfig(): { name: string; layers: { className: string; config: LayerConfig }[] } {
    const layers = this.#layers.map((layer) => ({
      className: layer.getClassName(),
      config: layer.getConfig(),
    }));
    return { name: this.name, layers };
  }

  /** Throws UNSUPPORTED for a class or an option that isn't there. */
  static fromConfig(config: {
    name?: string;
    layers: readonly { className: string; config: LayerConfig }[];
  }): Sequential {
    const layers = config.layers.map((layer) => layerClass(layer.className).fromConfig(layer.config));
    return new Sequential(config.name === undefined ? { layers } : { layers, name: config.name });
  }

  protected lower(): NodeDescription[] {
    return lowerChain(this.#layers, this.signature.input);
  }

  #checkNew(layer: Layer): void {
    if (!(layer instanceof Layer)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${this.name}: ${show(layer)} is no layer; use layers.conv2d({...}), layers.dense({...}) and the like.`,
      );
    }
    const problem = layer.isInModel
      ? 'is in a model already; make another layer'
      : this.#layers.some((other) => layer.hasGivenName && other.name === layer.name)
        ? `can't be added: ${this.name} has a layer of that name; choose another`
        : undefined;
    if (problem) {
      throw new ConvforgeError('INVALID_ARGUMENT', `${layer.name} ${problem}.`, { layer: layer.name });
    }
  }

  #firstInput(layer: Layer): Shape {
    if (layer.inputShape) return layer.inputShape;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${layer.name}: the first layer of a model needs inputShape, the shape of one sample, such as [28, 28, 1].`,
      { layer: layer.name },
    );
  }

  /** "conv2d_2" for the second Conv2D of the model, or the next number that is free. */
  #freeName(layer: Layer): string {
    const taken = new Set(this.#layers.map((other) => other.name));
    const prefix = snakeCase(layer.getClassName());
    let number = 1;
    while (taken.has(`${prefix}_${number}`)) number++;
    return `${prefix}_${number}`;
  }

  #home(layer: Layer, outputShape: Shape, weights: readonly WeightSpec[]): LayerHome {
    const first = this.#layers.reduce((count, other) => count + other.weights.length, 0);
    const own = <T>(all: readonly T[]) => all.slice(first, first + weights.length);
    return {
      outputShape,
      weights,
      getWeights: () => weightTensors([layer], own(this.state.readWeights())),
      setWeights: (tensors: readonly Tensor[]) => {
        const all = this.state.readWeights();
        all.splice(first, weights.length, ...readWeightValues(layer.name, [layer], tensors));
        this.state.writeWeights(all);
      },
    };
  }
}

/** A model of layers in a chain: see Sequential. */
export function sequential(options: SequentialOptions = {}): Sequential {
  return new Sequential(options);
}
