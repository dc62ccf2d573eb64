import { ConvforgeError } from '../errors.js';
import { isKnown } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { assumeSize, firstSize, isMisfit } from '../layers/unknown-sizes.js';
import type { Shape } from '../program/description.js';

/** What a model computes, layer by layer. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** The uses of its layers, in an order in which they can be computed. */
  readonly sorted: readonly LayerNode[];
}

/** Shapes of what a graph gives where its inputs have these shapes. Throws what layers throw that don't fit them. */
export function inferOutputs({ inputs, outputs, sorted }: Graph, inputShapes: readonly Shape[]): Shape[] {
  const shapes = new Map(inputs.map((input, i) => [input, inputShapes[i]]));
  const shapeOf = (tensor: SymbolicTensor) => shapes.get(tensor) as Shape;
  for (const node of sorted) {
    const given = node.layer.infer(node.inputs.map(shapeOf)).outputs;
    for (const [i, tensor] of node.outputs.entries()) shapes.set(tensor, given[i]);
  }
  return outputs.map(shapeOf);
}

/** The same, without asking the layers anew where all sizes are known: the inputs were checked against these. */
export function outputShapesFor(graph: Graph, inputShapes: readonly Shape[]): readonly Shape[] {
  const own = graph.outputs.map(({ sampleShape }) => sampleShape);
  const isSettled = [...graph.inputs.map(({ sampleShape }) => sampleShape), ...own].every(isKnown);
  return isSettled ? (own as readonly Shape[]) : inferOutputs(graph, inputShapes);
}

/** Shapes that the inputs may have: their own, with some size that fits in the place of unknown ones. Throws SHAPE_MISMATCH. */
export function someInputShapes(graph: Graph): readonly Shape[] {
  const own = graph.inputs.map(({ sampleShape }) => sampleShape);
  if (own.every(isKnown)) return own;
  const found = firstSize((size) => {
    const shapes = own.map((shape) => assumeSize(shape, size));
    return fits(graph, shapes) ? shapes : undefined;
  });
  if (found) return found;
  throw new ConvforgeError(
    'SHAPE_MISMATCH',
    `${graph.name}: no sizes were found for its inputs that fit all of its layers; give them in inputShape.`,
  );
}

function fits(graph: Graph, inputShapes: readonly Shape[]): boolean {
  try {
    inferOutputs(graph, inputShapes);
    return true;
  } catch (error) {
    if (isMisfit(error)) return false;
    throw error;
  }
}
