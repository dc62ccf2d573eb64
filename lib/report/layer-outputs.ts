import type { Layer } from '../layers/base-layer.js';
import type { SampleShape } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { Functional } from '../models/functional.js';
import type { LayersModel } from '../models/layers-model.js';
import { NestedModel } from '../models/nested-model.js';
import type { Tensor } from '../tensor/index.js';
import type { PendingTensors } from '../tensor/pending-tensor.js';

/** The output of a layer in a model. */
export interface LayerOutput {
  /**
   * The layer's name, behind those of the models that contain it: "base/conv2d_1", or "conv2d_1@2" for its
   * second use.
   */
  name: string;
  layer: Layer;
  /** The shape of one sample; null for a size that depends on the input. */
  shape: SampleShape;
  value: SymbolicTensor;
}

/**
 * A use of a layer and what to compute there: its own output, or, for a nested model, the outputs of layers
 * in it.
 */
interface Stop {
  node: LayerNode;
  output?: LayerOutput;
  inside: readonly Stop[];
}

/** The outputs of all layers of a model, nested models included, in the order of computation. */
export function layerOutputs(model: LayersModel): LayerOutput[] {
  return flatten(findStops(model, '', () => true));
}

function flatten(stops: readonly Stop[]): LayerOutput[] {
  return stops.flatMap(({ output, inside }) => [...flatten(inside), ...(output ? [output] : [])]);
}

/** The outputs that `includes` accepts, each at its use. */
function findStops(model: LayersModel, prefix: string, includes: (output: LayerOutput) => boolean): Stop[] {
  const uses = new Map<Layer, number>();
  return model.sorted.flatMap((node) => {
    const { layer, outputs } = node;
    const use = (uses.get(layer) ?? 0) + 1;
    uses.set(layer, use);
    const name = `${prefix}${layer.name}${use > 1 ? `@${use}` : ''}`;
    const own = { name, layer, shape: outputs[0].sampleShape, value: outputs[0] };
    const output = includes(own) ? own : undefined;
    const inside = layer instanceof NestedModel ? findStops(layer.model, `${name}/`, includes) : [];
    return output || inside.length > 0 ? [{ node, output, inside }] : [];
  });
}

/**
 * Computes the outputs of the layers with these names (see layerOutputs) for one sample of each of the
 * model's inputs. Passes each to `use`, in order, with its value [1, ...], and then disposes of the tensors.
 */
export async function computeLayerOutputs(
  model: LayersModel,
  inputs: readonly Tensor[],
  names: ReadonlySet<string>,
  use: (output: LayerOutput, value: Tensor) => Promise<void>,
): Promise<void> {
  const stops = findStops(model, '', ({ name }) => names.has(name));
  await visit(model, inputs, stops, use);
}

async function visit(
  model: LayersModel,
  inputs: readonly Tensor[],
  stops: readonly Stop[],
  use: (output: LayerOutput, value: Tensor) => Promise<void>,
): Promise<void> {
  const given = new Map(model.inputs.map((input, i) => [input, inputs[i]]));
  const needed = stops.flatMap(({ node, output, inside }) => [
    ...(output ? [output.value] : []),
    ...(inside.length > 0 ? node.inputs : []),
  ]);
  const computed = await predictInner(
    model,
    inputs,
    needed.filter((value) => !given.has(value)),
  );
  const tensorOf = (value: SymbolicTensor) => (given.get(value) ?? computed.get(value)) as Tensor;
  try {
    for (const { node, output, inside } of stops) {
      if (inside.length > 0) {
        await visit((node.layer as NestedModel).model, node.inputs.map(tensorOf), inside, use);
      }
      if (output) await use(output, tensorOf(output.value));
    }
  } finally {
    for (const tensor of computed.values()) tensor.dispose();
  }
}

/** Computes inner values of a model for one sample of each input. */
async function predictInner(
  model: LayersModel,
  inputs: readonly Tensor[],
  needed: readonly SymbolicTensor[],
): Promise<Map<SymbolicTensor, Tensor>> {
  if (needed.length === 0) return new Map();
  // The model's own outputs are included since a model must use all that its inputs lead to.
  const outputs = [...new Set([...needed, ...model.outputs])];
  const inner = new Functional({ inputs: model.inputs, outputs, name: model.name });
  try {
    const pending = [inner.predict<PendingTensors>(inputs)].flat();
    try {
      const tensors = await Promise.all(pending);
      return new Map(tensors.map((tensor, i) => [outputs[i], tensor]));
    } finally {
      for (const tensor of pending) tensor.dispose();
    }
  } finally {
    inner.dispose();
  }
}
