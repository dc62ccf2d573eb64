import { type LoweredModel, lowerInSlices, Lowering } from '../layers/lower.js';
import { withoutUnused } from '../layers/used-nodes.js';
import type { Compiled, CompiledOutput } from '../network/compile.js';
import { type Graph, outputShapesFor, someInputShapes } from '../network/infer-outputs.js';
import type { DescribedModel } from '../network/live-programs.js';
import { modelPorts } from '../network/ports.js';
import { describeProgram, type OutputTraining, type Shape } from '../program/description.js';
import { inputRules } from '../training/inputs.js';

/**
 * Describes the program of a model for inputs of these shapes, a layer in each step; default: some shapes
 * that fit. Without `compiled` the program only predicts. With `trains` false, layers compute as in
 * prediction, unless they were applied with {training: true}. Throws SHAPE_MISMATCH.
 */
export function* describeModel(
  graph: Graph,
  compiled: Compiled | undefined,
  inputShapes = someInputShapes(graph),
  trains?: false,
): Generator<void, DescribedModel> {
  const lowering = new Lowering(compiled?.trained, trains);
  // Layers may be added meanwhile.
  const { name, inputs, outputs: modelOutputs, sorted } = graph;
  const fixed = { name, inputs, outputs: modelOutputs, sorted: [...sorted] };
  const { nodes, outputs, stores, layerValues } = yield* lowerGraph(fixed, lowering, inputShapes);
  if (!compiled)
    return { inputShapes, description: describeProgram({ nodes, outputs }), stores, layerValues };
  const training = {
    outputs: compiled.outputs.map(describeOutput),
    optimizer: compiled.optimizer.describe(),
  };
  const description = describeProgram({ nodes, outputs }, { training });
  return { inputShapes, description, stores, layerValues };
}

function* lowerGraph(
  graph: Graph,
  lowering: Lowering,
  inputShapes: readonly Shape[],
): Generator<void, LoweredModel> {
  const outputShapes = outputShapesFor(graph, inputShapes);
  const rules = inputRules(graph);
  const inputs = new Map(
    graph.inputs.map((input, i) => {
      const { dtype } = rules[i];
      const attributes = { shape: inputShapes[i], ...(dtype !== 'float32' && { dtype }) };
      return [input, lowering.add({ name: input.name, op: 'input', inputs: [], attributes })];
    }),
  );
  const values = yield* lowerInSlices(lowering, inputs, graph.sorted, graph.outputs);
  const ports = modelPorts(graph.outputs);
  const outputs = values.map((value, i) => {
    if (values.indexOf(value) === i) return value;
    // If a layer that computes nothing returns a value that is an output already, the value must get a second
    // name: a program never lists an output twice.
    const name = `${ports[i].name}/output_${i + 1}`;
    return lowering.add({ name, op: 'reshape', inputs: [value], attributes: { shape: outputShapes[i] } });
  });
  const { nodes, stores, layerValues } = lowering;
  return withoutUnused({ nodes, outputs, stores, layerValues });
}

function describeOutput(output: CompiledOutput | null): OutputTraining | null {
  if (output === null) return null;
  const { loss, weight, metrics } = output;
  return { loss, weight, metrics: metrics.map(({ description }) => description) };
}
