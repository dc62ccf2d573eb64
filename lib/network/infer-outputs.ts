import { ConvforgeError } from '../errors.js';
import { isKnown } from '../layers/shapes.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { assumeSize, firstSize, isMisfit } from '../layers/unknown-sizes.js';
import type { Shape } from '../program/description.js';

/** The graph of a model's layers. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Uses of the layers in topological order. */
  readonly sorted: readonly LayerNode[];
}

/**
 * Infers the output shapes of a graph for these input shapes. Throws what a layer throws that doesn't fit
 * them.
 */
export function inferOutputs({ inputs, outputs, sorted }: Graph, inputShapes: readonly Shape[]): Shape[] {
  const shapes = new Map(inputs.map((input, i) => [input, inputShapes[i]]));
  const shapeOf = (tensor: SymbolicTensor) => shapes.get(tensor) as Shape;
  for (const node of sorted) {
    const given = node.layer.infer(node.inputs.map(shapeOf)).outputs;
    for (const [i, tensor] of node.outputs.entries()) shapes.set(tensor, given[i]);
  }
  return outputs.map(shapeOf);
}

/**
 * Output shapes of a graph for these input shapes, which must fit its inputs. Reuses the graph's own shapes
 * if all sizes are known.
 */
export function outputShapesFor(graph: Graph, inputShapes: readonly Shape[]): readonly Shape[] {
  const own = graph.outputs.map(({ sampleShape }) => sampleShape);
  const isSettled = [...graph.inputs.map(({ sampleShape }) => sampleShape), ...own].every(isKnown);
  return isSettled ? (own as readonly Shape[]) : inferOutputs(graph, inputShapes);
}

/**
 * Input shapes that fit the graph: its own, with unknown sizes replaced by one that fits all layers. Throws
 * SHAPE_MISMATCH.
 */
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
    `${graph.name}: found no input sizes that fit all layers; give them in inputShape.`,
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
