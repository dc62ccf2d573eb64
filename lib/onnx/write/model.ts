import { someInputShapes } from '../../network/infer-outputs.js';
import type { Model } from '../../network/model.js';
import type { Signature } from '../../network/ports.js';
import { isKnown } from '../../layers/shapes.js';
import { assumeSize, isMisfit } from '../../layers/unknown-sizes.js';
import type { GraphDescription, Shape } from '../../program/description.js';
import { SlicedWork } from '../../program/sliced-work.js';
import { encodeModel } from './encode.js';
import { OP_WRITERS } from './ops/list.js';
import { firstAxes, GraphWriter, lastAxes, type WrittenGraph, type WrittenPort } from './graph.js';
import { NodeWriter } from './node.js';

/** How a model is written as ONNX. */
export interface OnnxLayout {
  /** Where inputs and outputs that are images have their channels. */
  layout: 'channelsLast' | 'channelsFirst';
}

/**
 * The bytes of an ONNX file of a model, in pieces, as it predicts. If the model trains meanwhile, its weights are
 * those between two steps. Rejects with UNSUPPORTED, TOO_LARGE.
 */
export async function onnxPieces(model: Model, { layout }: OnnxLayout): Promise<Uint8Array[]> {
  const written = writeGraph(model.signature, describePrograms(model), layout);
  const { weights } = await model.state.snapshot();
  return new SlicedWork(encodeModel(model.name, written, weights)).promise;
}

/** Sizes to try where the model leaves some open: odd and even ones, and multiples of many numbers. */
const SIZES = [96, 192, 65, 97, 98, 71];

/** The program for several sizes, if the model leaves some open. */
function describePrograms(model: Model): GraphDescription[] {
  const own = model.inputs.map(({ sampleShape }) => sampleShape);
  const describe = (shapes: readonly Shape[]) => model.state.describeWhole(shapes, false).description.graph;
  if (own.every(isKnown)) return [describe(own)];
  const fitting: GraphDescription[] = [];
  for (const size of SIZES) {
    try {
      fitting.push(describe(own.map((shape) => assumeSize(shape, size))));
    } catch (error) {
      if (!isMisfit(error)) throw error;
    }
  }
  return fitting.length > 0 ? fitting : [describe(someInputShapes(model))];
}

/**
 * The graph of a program with these inputs and outputs. If the signature leaves sizes open, there is a program
 * for each of several sizes.
 */
export function writeGraph(
  signature: Signature,
  programs: readonly GraphDescription[],
  layout: OnnxLayout['layout'],
): WrittenGraph {
  const [{ nodes, outputs = [] }] = programs;
  const graph = new GraphWriter(
    programs.map((program) => program.nodes),
    outputs,
  );
  const axesOf = (rank: number) =>
    layout === 'channelsFirst' && rank === 3 ? firstAxes(rank) : lastAxes(rank);
  const inputs = signature.inputs.map(({ name, shape }, i): WrittenPort => {
    const [{ dtype }] = nodes[i].outputs;
    const axes = axesOf(shape.length);
    const own = graph.unique(name);
    const [value] = dtype === 'float32' ? [own] : graph.add(`${name}/Cast`, 'Cast', [own], { to: 1 });
    graph.give(i, { name: value, axes });
    return { name: own, dtype, shape: portShape(own, shape, axes) };
  });
  const names = signature.outputs.map(({ name }) => graph.unique(name));
  for (const [i, node] of nodes.entries()) if (node.op !== 'input') writeNode(graph, i);
  return {
    graph,
    inputs,
    outputs: signature.outputs.map(({ shape }, i) => {
      const axes = axesOf(shape.length);
      giveName(graph, graph.take(outputs[i], axes), names[i], names);
      return { name: names[i], dtype: 'float32', shape: portShape(names[i], shape, axes) };
    }),
  };
}

function writeNode(graph: GraphWriter, index: number): void {
  const { op } = graph.program[index];
  const write = OP_WRITERS[op as keyof typeof OP_WRITERS] as (writer: NodeWriter) => void;
  write(new NodeWriter(graph, index));
}

/** Gives an output its name. What is an input or another output already is copied. */
function giveName(graph: GraphWriter, value: string, name: string, taken: readonly string[]): void {
  const isFree = graph.nodes.some(({ outputs }) => outputs.includes(value)) && !taken.includes(value);
  if (isFree) graph.nameOutput(value, name);
  else graph.nodes.push({ name, opType: 'Identity', inputs: [value], outputs: [name], attributes: {} });
}

function portShape(
  name: string,
  shape: readonly (number | null)[],
  axes: readonly number[],
): (number | string)[] {
  return ['N', ...axes.map((axis) => shape[axis] ?? `${name}_${axis + 1}`)];
}
