import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import { elementCount } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { placedWeights } from '../layers/weight-tensors.js';
import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import { outputShapesFor } from './infer-outputs.js';
import { ModelMetadata } from './model-metadata.js';
import { type KnownPort, modelPorts, type Signature } from './ports.js';

/** The part of a model that says which layers it has, what goes in and what comes out. */
export abstract class ModelGraph extends ModelMetadata {
  /** That of the options, or the class and a number. */
  readonly name: string;

  /** @internal */
  constructor(name: string) {
    super();
    this.name = name;
  }

  /** Its layers, each once: of a chain in its order, of a graph in that of TF.js, those first from which the way to an output is longest. The list is frozen. */
  abstract readonly layers: readonly Layer[];
  /** What it takes. Throws INVALID_ARGUMENT while there are no layers. */
  abstract readonly inputs: readonly SymbolicTensor[];
  /** What it gives. Throws INVALID_ARGUMENT while there are no layers. */
  abstract readonly outputs: readonly SymbolicTensor[];
  /**
   * The uses of its layers, in an order in which they can be computed.
   * @internal
   */
  abstract readonly sorted: readonly LayerNode[];
  /** As Keras names the class: "Sequential" or "Functional". */
  abstract getClassName(): string;
  /** The model without its weights, as plain data. */
  abstract getConfig(): Record<string, unknown>;

  /** Names and shapes of what goes in and comes out. Throws INVALID_ARGUMENT while there are no layers. */
  get signature(): Signature {
    return { inputs: modelPorts(this.inputs), outputs: modelPorts(this.outputs) };
  }

  /**
   * The outputs' names and shapes for inputs of these shapes. Throws SHAPE_MISMATCH if layers don't fit them.
   * @internal
   */
  outputsFor(inputShapes: readonly Shape[]): KnownPort[] {
    const shapes = outputShapesFor(this, inputShapes);
    return this.signature.outputs.map(({ name }, i) => ({ name, shape: shapes[i] }));
  }

  /** What goes in: its only input, or a list of them. */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    return this.inputs.length === 1 ? this.inputs[0] : this.inputs;
  }

  /** What comes out: its only output, or a list of them. */
  get output(): SymbolicTensor | readonly SymbolicTensor[] {
    return this.outputs.length === 1 ? this.outputs[0] : this.outputs;
  }

  /** By name, or by index from 0: getLayer('conv2d_1'), getLayer(0), getLayer(null, 0). Throws INVALID_ARGUMENT if there is none. */
  getLayer(nameOrIndex: string | number | null | undefined, index?: number): Layer {
    return findLayer(this, nameOrIndex ?? index);
  }

  /** Elements of all weights, those that training doesn't change included. What layers share counts once. */
  countParams(): number {
    return placedWeights(this.layers).reduce((sum, { spec }) => sum + elementCount(spec.shape), 0);
  }
}

/** By name or index. Throws INVALID_ARGUMENT if there is none. */
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
