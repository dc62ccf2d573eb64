import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { OutputTraining } from '../program/description.js';
import { type LoweredModel, lowerNodes, Lowering } from '../program/lower.js';
import type { Compiled, CompiledOutput } from '../training/compile.js';
import { modelPorts } from './model-ports.js';
import type { DescribedModel } from './model-state.js';

/** What a model computes, layer by layer. */
export interface ModelGraph {
  inputs: readonly SymbolicTensor[];
  outputs: readonly SymbolicTensor[];
  /** The uses of its layers, in an order in which they can be computed. */
  sorted: readonly LayerNode[];
}

/** The program of a model; without `compiled` one that only predicts. */
export function describeModel(graph: ModelGraph, compiled: Compiled | undefined): DescribedModel {
  const { nodes, outputs, stores } = lowerGraph(graph, compiled);
  if (!compiled) return { description: { nodes, outputs }, stores };
  const training = {
    outputs: compiled.outputs.map(describeOutput),
    optimizer: compiled.optimizer.describe(),
  };
  return { description: { nodes, outputs, training }, stores };
}

function lowerGraph(graph: ModelGraph, compiled: Compiled | undefined): LoweredModel {
  const lowering = new Lowering(compiled?.trained);
  const inputs = new Map(
    graph.inputs.map((input) => [
      input,
      lowering.add({ name: input.name, op: 'input', inputs: [], shape: input.sampleShape }),
    ]),
  );
  const values = lowerNodes(lowering, inputs, graph.sorted, graph.outputs);
  const ports = modelPorts(graph.outputs);
  const outputs = values.map((value, i) => {
    if (values.indexOf(value) === i) return value;
    // A layer that computes nothing gives what is an output already; a program names none twice.
    const { name, shape } = ports[i];
    return lowering.add({ name: `${name}/output_${i + 1}`, op: 'reshape', inputs: [value], shape });
  });
  return { nodes: lowering.nodes, outputs, stores: lowering.stores };
}

function describeOutput(output: CompiledOutput | null): OutputTraining | null {
  if (output === null) return null;
  const { loss, weight, metrics } = output;
  return { loss, weight, metrics: metrics.map(({ description }) => description) };
}
