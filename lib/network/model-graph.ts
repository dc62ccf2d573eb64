import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import { elementCount } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { weightRefs } from '../layers/weight-tensors.js';
import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import { outputShapesFor } from './infer-outputs.js';
import { ModelMetadata } from './model-metadata.js';
import { type KnownPort, modelPorts, type Signature } from './ports.js';

/** The part of a model that holds its layers, inputs and outputs. */
export abstract class ModelGraph extends ModelMetadata {
  /** The name from the options, or one made of the class and a number. */
  readonly name: string;

  /** @internal */
  constructor(name: string) {
    super();
    this.name = name;
  }

  /**
   * Frozen list of the layers, each once. A Sequential model lists them in order; a Functional model in
   * TF.js's order, by decreasing length of the longest path to an output.
   */
  abstract readonly layers: readonly Layer[];
  /** Inputs of the model. Throws INVALID_ARGUMENT while there are no layers. */
  abstract readonly inputs: readonly SymbolicTensor[];
  /** Outputs of the model. Throws INVALID_ARGUMENT while there are no layers. */
  abstract readonly outputs: readonly SymbolicTensor[];
  /**
   * Uses of the layers in topological order.
   * @internal
   */
  abstract readonly sorted: readonly LayerNode[];
  /** Keras's name of the class: "Sequential" or "Functional". */
  abstract getClassName(): string;
  /** The model without its weights, as plain data. */
  abstract getConfig(): Record<string, unknown>;

  /** Names and shapes of inputs and outputs. Throws INVALID_ARGUMENT while there are no layers. */
  get signature(): Signature {
    return { inputs: modelPorts(this.inputs), outputs: modelPorts(this.outputs) };
  }

  /**
   * Names and shapes of the outputs for these input shapes. Throws SHAPE_MISMATCH if layers don't fit them.
   * @internal
   */
  outputsFor(inputShapes: readonly Shape[]): KnownPort[] {
    const shapes = outputShapesFor(this, inputShapes);
    return this.signature.outputs.map(({ name }, i) => ({ name, shape: shapes[i] }));
  }

  /** The only input, or a list of all. */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    return this.inputs.length === 1 ? this.inputs[0] : this.inputs;
  }

  /** The only output, or a list of all. */
  get output(): SymbolicTensor | readonly SymbolicTensor[] {
    return this.outputs.length === 1 ? this.outputs[0] : this.outputs;
  }

  /**
   * Finds a layer by name, or by index from 0: getLayer('conv2d_1'), getLayer(0), getLayer(null, 0). Throws
   * INVALID_ARGUMENT if there is none.
   */
  getLayer(nameOrIndex: string | number | null | undefined, index?: number): Layer {
    return findLayer(this, nameOrIndex ?? index);
  }

  /** Number of parameters, non-trainable ones included. Shared weights count once. */
  countParams(): number {
    return weightRefs(this.layers).reduce((sum, { spec }) => sum + elementCount(spec.shape), 0);
  }
}

/** Finds a layer by name or index. Throws INVALID_ARGUMENT if there is none. */
function findLayer(
  { name, layers }: { name: string; layers: readonly Layer[] },
  key: string | number | undefined,
): Layer {
  const layer = typeof key === 'number' ? layers[key] : layers.find((candidate) => candidate.name === key);
  if (layer) return layer;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${name} has no layer ${show(key)}; it has ${layers.length}: ${layers.map((each) => each.name).join(', ')}.`,
  );
}
