import * as tfjs from '@tensorflow/tfjs-layers';
import * as ours from '../../../lib/index.js';
import { buildGraph } from './build.js';
import type { GraphSpec, InputSpec, LayerSpec } from './spec.js';

/**
 * The model with null for the sizes of its images and sequences, if both packages can make it so and infer
 * the same; else as it is. TF.js's cropping2D makes 0 of null.
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
 * Of [height, width, channels] the channels stay, and whole numbers that stand for classes keep their shape.
 */
function openInput(input: InputSpec): InputSpec {
  const { shape, classes } = input;
  if (shape.length === 1 || classes !== undefined) return input;
  return { ...input, told: shape.map((size, axis) => (axis === shape.length - 1 ? size : null)) };
}

/** Without what only we understand: it isn't in the files of TF.js. */
function openLayer({ optionsHere: _, ...layer }: LayerSpec): LayerSpec {
  return layer.model ? { ...layer, model: openGraph(layer.model) } : layer;
}

/** As text; undefined if the package can't make the model. */
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
