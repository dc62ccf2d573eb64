import * as tfjs from '@tensorflow/tfjs-layers';
import * as ours from '../../../lib/index.js';
import { buildGraph } from './build.js';
import type { GraphSpec, InputSpec, LayerSpec } from './spec.js';

/** The model with null for the sizes of its images and sequences, if both packages can make it so; else as it is. */
export function withUnknownSizes(graph: GraphSpec): GraphSpec {
  const open = openGraph(graph);
  const isOpen = open.inputs.some(({ told }) => told);
  return isOpen && [ours, tfjs].every((tf) => isMade(tf, open)) ? open : graph;
}

function openGraph(graph: GraphSpec): GraphSpec {
  return { ...graph, inputs: graph.inputs.map(openInput), layers: graph.layers.map(openLayer) };
}

/** Of [height, width, channels] the channels stay, and whole numbers that stand for classes keep their shape. */
function openInput(input: InputSpec): InputSpec {
  const { shape, classes } = input;
  if (shape.length === 1 || classes !== undefined) return input;
  return { ...input, told: shape.map((size, axis) => (axis === shape.length - 1 ? size : null)) };
}

/** Without what only we understand: it isn't in the files of TF.js. */
function openLayer({ optionsHere: _, ...layer }: LayerSpec): LayerSpec {
  return layer.model ? { ...layer, model: openGraph(layer.model) } : layer;
}

function isMade(tf: unknown, graph: GraphSpec): boolean {
  try {
    buildGraph(tf, graph).dispose();
    return true;
  } catch {
    return false;
  }
}
