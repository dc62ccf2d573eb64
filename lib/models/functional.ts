import type { Layer } from '../layers/base-layer.js';
import { InputLayer, type InputType } from '../layers/core/input-layer.js';
import { sortNodes } from '../layers/lower.js';
import type { SampleShape } from '../layers/shapes.js';
import { type InputTensor, type LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { retainStores } from '../layers/weight-store.js';
import { firstUse, layerEntry, type Reference } from '../network/saved-config.js';
import { OptionChecks, show } from '../options.js';
import type { Given, InputShape, Memo, SHAPES, ShapesOf } from '../shape-types/index.js';
import { layersByDepth, usesByLayer } from './layer-order.js';
import { LayersModel } from './layers-model.js';
import { nameLayers } from './names.js';

/** Options of {@link model}. */
export interface ModelOptions {
  /** What `input` returned: one tensor, or a list. */
  inputs: SymbolicTensor | readonly SymbolicTensor[];
  /** What layers' `apply` returned: one tensor, or a list. */
  outputs: SymbolicTensor | readonly SymbolicTensor[];
  /** Name of the model. Default "model_1", "model_2", ... */
  name?: string;
}

let unnamed = 0;

/** A model whose layers form a graph: several inputs and outputs, branches, layers used more than once. */
export class Functional<
  Inputs extends readonly SampleShape[] = readonly SampleShape[],
  Outputs extends readonly SampleShape[] = readonly SampleShape[],
> extends LayersModel {
  /** Exists only in the type. */
  declare readonly [SHAPES]?: Memo<[Inputs, Outputs]>;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly sorted: readonly LayerNode[];
  readonly layers: readonly Layer[];

  constructor(options: ModelOptions) {
    const checks = new OptionChecks('model');
    checks.keys(options, ['inputs', 'outputs', 'name']);
    const { name = `model_${++unnamed}` } = options;
    if (typeof name !== 'string')
      checks.fail('INVALID_ARGUMENT', `name is ${show(name)}; it must be a string.`);
    super(name);
    this.inputs = Object.freeze(readTensors(checks, 'inputs', options.inputs));
    this.outputs = Object.freeze(readTensors(checks, 'outputs', options.outputs));
    for (const { node } of this.inputs) {
      if (node.inputs.length === 0) continue;
      checks.fail(
        'INVALID_ARGUMENT',
        `inputs must be results of input({shape}), but ${node.layer.name} computes its value.`,
      );
    }
    this.sorted = sortNodes(name, this.inputs, this.outputs);
    nameLayers(name, [...new Set(this.#nodes.map(({ layer }) => layer))]);
    this.layers = Object.freeze(layersByDepth(this.outputs));
    this.#checkUsed(checks);
    retainStores(this.layers);
  }

  getClassName(): string {
    return 'Functional';
  }

  getConfig(): Record<string, unknown> {
    const uses = usesByLayer(this.layers, new Set(this.#nodes));
    const numbers = new Map(
      [...uses].flatMap(([layer, nodes]) => nodes.map((node, use) => [node, use + firstUse(layer)])),
    );
    const reference = (tensor: SymbolicTensor): Reference => {
      const { node } = tensor;
      return [node.layer.name, numbers.get(node) as number, node.outputs.indexOf(tensor)];
    };
    const layers = this.layers.map((layer) => ({
      ...layerEntry(layer),
      name: layer.name,
      inboundNodes: (uses.get(layer) as readonly LayerNode[])
        .filter(({ inputs }) => inputs.length > 0)
        .map(({ inputs, options }) => inputs.map((input) => [...reference(input), { ...options }])),
    }));
    return {
      name: this.name,
      ...(!this.trainable && { trainable: false }),
      layers,
      inputLayers: this.inputs.map(reference),
      outputLayers: this.outputs.map(reference),
    };
  }

  /** The nodes of the inputs, then `sorted`. */
  get #nodes(): LayerNode[] {
    return [...this.inputs.map(({ node }) => node), ...this.sorted];
  }

  /** Throws INVALID_ARGUMENT if a value is neither used nor an output, unless its layer allows that. */
  #checkUsed(checks: OptionChecks): void {
    const used = new Set([...this.sorted.flatMap(({ inputs }) => inputs), ...this.outputs]);
    for (const { layer, inputs, outputs } of this.#nodes) {
      if (layer.mayLeaveOutputs) continue;
      const unused = outputs.findIndex((output) => !used.has(output));
      if (unused < 0) continue;
      const problem =
        inputs.length === 0
          ? `the input '${layer.name}'; leave it out`
          : `output ${unused + 1} of '${layer.name}'; use it, or apply a model of the other outputs`;
      checks.fail('INVALID_ARGUMENT', `no output comes from ${problem}.`);
    }
  }
}

function readTensors(
  checks: OptionChecks,
  name: string,
  value: SymbolicTensor | readonly SymbolicTensor[],
): readonly SymbolicTensor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const invalid = list.findIndex((each) => !(each instanceof SymbolicTensor));
  if (list.length === 0 || invalid >= 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${name} ${list.length === 0 ? 'are none' : `hold ${show(list[invalid])}`}; give results of input({shape}) or of a layer's apply.`,
    );
  }
  if (new Set(list).size < list.length) checks.fail('INVALID_ARGUMENT', `${name} lists a value twice.`);
  return list as readonly SymbolicTensor[];
}

/**
 * Creates a model of a graph of layers, from {@link input} tensors to the results of `apply`. See
 * {@link Functional}.
 *
 * ```ts
 * const image = input({ shape: [32, 32, 3] });
 * const features = layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }).apply(image);
 * const scores = layers.dense({ units: 10, activation: 'softmax' }).apply(layers.flatten().apply(features));
 * const net = model({ inputs: image, outputs: scores });
 * ```
 */
export function model<const O extends ModelOptions>(
  options: Given<O, ModelOptions>,
): Functional<ShapesOf<O['inputs']>, ShapesOf<O['outputs']>> {
  return new Functional(options);
}

/** Options of {@link input}. */
export interface InputOptions {
  /** Shape of one sample, such as [28, 28, 1]; null for sizes that may vary, as in [null, null, 3]. */
  shape?: SampleShape;
  /** The shape with the batch axis in front; an alternative to `shape`. */
  batchShape?: readonly (number | null)[];
  /** Name of the input. Default "input_1", "input_2", ..., numbered by the model. */
  name?: string;
  /**
   * Declared type of the values: 'float32', 'int32' or 'bool'. Values are used as they are, but an int32
   * tensor for an int32 input must hold numbers from -2^24 to 2^24, which float32 holds exactly. Default
   * 'float32'.
   */
  dtype?: InputType;
}

/** Creates an input of a model, for the first layers to be applied to. */
export function input<const O extends InputOptions>(
  options: Given<O, InputOptions>,
): InputTensor<InputShape<O>> {
  const checks = new OptionChecks('input');
  checks.keys(options, ['shape', 'batchShape', 'name', 'dtype']);
  const { shape, batchShape, name, dtype } = options as InputOptions;
  return new InputLayer({
    ...(shape !== undefined && { inputShape: shape }),
    ...(batchShape !== undefined && { batchInputShape: batchShape }),
    ...(name !== undefined && { name }),
    ...(dtype !== undefined && { dtype }),
  }).output;
}
