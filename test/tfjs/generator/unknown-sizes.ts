import * as tfjs from '@tensorflow/tfjs-layers';
import * as ours from '../../../lib/index.js';
import { buildGraph } from './build.js';
import type { GraphSpec, InputSpec, LayerSpec } from './spec.js';

/**
 * The model with null for the sizes of its images and sequences if both packages can build it and infer the
 * same shapes, else the model unchanged. TF.js's cropping2D turns null into 0.
 */
export function withUnknownSizes(graph: GraphSpec): GraphSpec {
  const open = openGraph(graph);
  const isOpen = open.inputs.some(({ told }) => told);
  if (!isOpen) return graph;
  const [own, theirs] = [ours, tfjs].map((tf) => outputShapes(tf, open));
  return own !== undefined && own === theirs ? open : graph;
}

function openGraph(graph: GraphSpec): GraphSpec {
  return { ...graph, inputs: graph.inputs.map(openInput), layers: graph.layers.map(openLayer) };
}

/**
 * Channels stay known in [height, width, channels], and class indices keep their shape.
 */
function openInput(input: InputSpec): InputSpec {
  const { shape, classes } = input;
  if (shape.length === 1 || classes !== undefined) return input;
  return { ...input, told: shape.map((size, axis) => (axis === shape.length - 1 ? size : null)) };
}

/** Omits what only convforge understands, which TF.js's files don't have. */
function openLayer({ optionsHere: _, ...layer }: LayerSpec): LayerSpec {
  return layer.model ? { ...layer, model: openGraph(layer.model) } : layer;
}

/** Inferred shapes as text; undefined if the package can't build the model. */
function outputShapes(tf: unknown, graph: GraphSpec): string | undefined {
  try {
    const model = buildGraph(tf, graph);
    const shapes = model.outputs.map(({ shape }: { shape: unknown }) => shape);
    model.dispose();
    return JSON.stringify(shapes);
  } catch {
    return undefined;
  }
}
