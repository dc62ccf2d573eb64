import type { Layer } from '../layers/base-layer.js';
import type { SampleShape } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { Functional } from '../models/functional.js';
import type { LayersModel } from '../models/layers-model.js';
import { NestedModel } from '../models/nested-model.js';
import type { Tensor } from '../tensor/index.js';
import type { PendingTensors } from '../tensor/pending-tensor.js';

/** What a layer gives in a model. */
export interface LayerOutput {
  /** That of the layer, behind those of the models that it is in: "base/conv2d_1"; "conv2d_1@2" for its second use. */
  name: string;
  layer: Layer;
  /** Of one sample; null for sizes that depend on the input's. */
  shape: SampleShape;
  value: SymbolicTensor;
}

/** A use of a layer with what is wanted of it: its own output, or those of layers in it where it is a model. */
interface Stop {
  node: LayerNode;
  output?: LayerOutput;
  inside: readonly Stop[];
}

/** The outputs of all layers of a model, in the order in which they are computed, those in models inside it included. */
export function layerOutputs(model: LayersModel): LayerOutput[] {
  return flatten(findStops(model, '', () => true));
}

function flatten(stops: readonly Stop[]): LayerOutput[] {
  return stops.flatMap(({ output, inside }) => [...flatten(inside), ...(output ? [output] : [])]);
}

/** The outputs that are `wanted`, each found at its use. */
function findStops(model: LayersModel, prefix: string, wanted: (output: LayerOutput) => boolean): Stop[] {
  const uses = new Map<Layer, number>();
  return model.sorted.flatMap((node) => {
    const { layer, outputs } = node;
    const use = (uses.get(layer) ?? 0) + 1;
    uses.set(layer, use);
    const name = `${prefix}${layer.name}${use > 1 ? `@${use}` : ''}`;
    const own = { name, layer, shape: outputs[0].sampleShape, value: outputs[0] };
    const output = wanted(own) ? own : undefined;
    const inside = layer instanceof NestedModel ? findStops(layer.model, `${name}/`, wanted) : [];
    return output || inside.length > 0 ? [{ node, output, inside }] : [];
  });
}

/**
 * Computes the outputs of layers that have these names (as layerOutputs gives them) for one sample of each of the model's inputs, and gives
 * each to `use`, in their order, with its value [1, ...]. The tensors are disposed of.
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

/** These values of a model, for one sample of each input. */
async function predictInner(
  model: LayersModel,
  inputs: readonly Tensor[],
  needed: readonly SymbolicTensor[],
): Promise<Map<SymbolicTensor, Tensor>> {
  if (needed.length === 0) return new Map();
  // With its own outputs, all that the model computes is used, as a model must have it.
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
