import type { LayersModel } from '../models/layers-model.js';
import type { NodeDescription } from '../program/description.js';
import { type SampleSource, withSamples } from '../program/samples.js';

/** Why a loss is no finite number, as far as it can be seen. */
export interface NonFiniteCause {
  /** The layer, or the input, where the first number that isn't finite is found. */
  layer: string;
  /** "a weight of 'dense_1', its kernel, is NaN", for example. */
  description: string;
}

/**
 * Looks for the first number that isn't finite: in the samples of the batch whose loss wasn't, among the weights it was computed with,
 * then in what layers give for it. `inputs`: all samples, of which `batch` names some.
 */
export async function findNonFinite(
  model: LayersModel,
  inputs: readonly SampleSource[],
  batch: Uint32Array,
): Promise<NonFiniteCause> {
  const { nodes } = model.state.describe();
  const { weights } = await model.state.snapshot();
  const samples = inputs.map((source) => source.pick(batch));
  return (
    inInputs(nodes, samples) ??
    inWeights(model, nodes, weights) ??
    (await inValues(model, nodes, weights, samples)) ??
    inLoss(model)
  );
}

function inInputs(
  nodes: readonly NodeDescription[],
  samples: readonly SampleSource[],
): NonFiniteCause | undefined {
  for (const [i, source] of samples.entries()) {
    const values = source.read(0, source.size);
    const place = values.findIndex((value: number) => !Number.isFinite(value));
    if (place < 0) continue;
    const layer = nodes[i].name;
    return { layer, description: `a value of the samples for '${layer}' is ${values[place]}` };
  }
  return undefined;
}

/** Statistics don't count: they took part in the step, and would hide what came before. */
function inWeights(
  model: LayersModel,
  nodes: readonly NodeDescription[],
  weights: readonly Float32Array[],
): NonFiniteCause | undefined {
  const owners = nodes.filter(({ sharesWith }) => sharesWith === undefined);
  const specs = model.state.weightStores.flatMap((store) => store.specs);
  const parameters = owners.flatMap(({ name, parameters }) =>
    parameters.map((parameter) => ({ name, part: parameter.name })),
  );
  for (const [i, { name, part }] of parameters.entries()) {
    if (specs[i].trainable === false) continue;
    const found = weights[i].find((value) => !Number.isFinite(value));
    if (found === undefined) continue;
    const layer = layerOf(model, name);
    return { layer, description: `a weight of '${layer}', in its ${part}, is ${found}` };
  }
  return undefined;
}

async function inValues(
  model: LayersModel,
  nodes: readonly NodeDescription[],
  weights: readonly Float32Array[],
  samples: readonly SampleSource[],
): Promise<NonFiniteCause | undefined> {
  const outputs = [...nodes.keys()].filter((node) => nodes[node].op !== 'input');
  const { engine } = model.state;
  const program = engine.createProgram({ nodes, outputs });
  try {
    program.writeWeights(weights);
    const batchSize = samples[0].count;
    const values = await withSamples(engine, samples, (x) => program.predict({ x, batchSize }).promise);
    for (const [i, node] of outputs.entries()) {
      const found = values[i].find((value) => !Number.isFinite(value));
      if (found === undefined) continue;
      const layer = layerOf(model, nodes[node].name);
      return { layer, description: `an output of '${layer}' is ${found}` };
    }
    return undefined;
  } finally {
    program.dispose();
  }
}

function inLoss(model: LayersModel): NonFiniteCause {
  const layer = model.signature.outputs.map(({ name }) => name).join(', ');
  return { layer, description: `what '${layer}' gives is finite, but its loss isn't` };
}

/** The layer of a node, "conv2d_1/activation" or "conv2d_1@2". */
function layerOf(model: LayersModel, node: string): string {
  const layer = model.layers.find(
    ({ name }) => node === name || node.startsWith(`${name}/`) || node.startsWith(`${name}@`),
  );
  return layer?.name ?? node;
}
