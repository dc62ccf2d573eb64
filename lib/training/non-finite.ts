import type { NonFiniteCause } from '../callbacks/callback.js';
import { ConvforgeError } from '../errors.js';
import { elementCount } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { NodeDescription } from '../program/description.js';
import { foldedNodes } from '../program/folded-nodes.js';
import { type SampleSource, sampleShapes, withSamples } from '../program/samples.js';

/** Values of a batch that are looked through at a time. */
const MAX_VALUES = 2 ** 24;

/**
 * Where a loss that is no finite number came from, or why that can't be seen. `inputs`: all samples, of which `batch` names those of the
 * loss. Rejects with DISPOSED alone.
 */
export async function findNonFinite(
  model: Model,
  inputs: readonly SampleSource[],
  batch: Uint32Array,
): Promise<NonFiniteCause> {
  try {
    return await findCause(model, inputs, batch);
  } catch (error) {
    if (!(error instanceof ConvforgeError) || error.code === 'DISPOSED') throw error;
    const description = `where that came from can't be seen: ${error.message}`;
    return { layer: outputNames(model), description };
  }
}

/**
 * Looks for the first number that isn't finite: in the samples, among the weights that the loss was computed with, then in what layers
 * give for the samples.
 */
async function findCause(
  model: Model,
  inputs: readonly SampleSource[],
  batch: Uint32Array,
): Promise<NonFiniteCause> {
  const { nodes } = model.state.describe(sampleShapes(inputs));
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
  model: Model,
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
  model: Model,
  nodes: readonly NodeDescription[],
  weights: readonly Float32Array[],
  samples: readonly SampleSource[],
): Promise<NonFiniteCause | undefined> {
  const folded = foldedNodes(nodes);
  const outputs = [...nodes.keys()].filter((node) => nodes[node].op !== 'input' && !folded.has(node));
  const { engine } = model.state;
  const program = engine.createProgram({ nodes, outputs });
  try {
    program.writeWeights(weights);
    const sampleSize = outputs.reduce((sum, node) => sum + elementCount(nodes[node].shape), 0);
    const batchSize = Math.max(1, Math.floor(MAX_VALUES / sampleSize));
    const { count } = samples[0];
    let first = outputs.length;
    let found: number | undefined;
    for (let start = 0; start < count; start += batchSize) {
      const part = samples.map((source) => source.range(start, Math.min(start + batchSize, count)));
      const values = await withSamples(engine, part, (x) => program.predict({ x, batchSize }).promise);
      const isOdd = (value: number) => !Number.isFinite(value);
      const odd = values.slice(0, first).findIndex((output) => output.some(isOdd));
      if (odd < 0) continue;
      first = odd;
      found = values[odd].find(isOdd);
    }
    if (found === undefined) return undefined;
    const layer = layerOf(model, nodes[outputs[first]].name);
    return { layer, description: `an output of '${layer}' is ${found}` };
  } finally {
    program.dispose();
  }
}

function inLoss(model: Model): NonFiniteCause {
  const layer = outputNames(model);
  return { layer, description: `what '${layer}' gives is finite, but its loss isn't` };
}

function outputNames(model: Model): string {
  return model.signature.outputs.map(({ name }) => name).join(', ');
}

/** The layer of a node, "conv2d_1/activation" or "conv2d_1@2". */
function layerOf(model: Model, node: string): string {
  const layer = model.layers.find(
    ({ name }) => node === name || node.startsWith(`${name}/`) || node.startsWith(`${name}@`),
  );
  return layer?.name ?? node;
}
