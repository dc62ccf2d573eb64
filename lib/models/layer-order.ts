import type { Layer } from '../layers/base-layer.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';

/**
 * Result of a depth-first search from the outputs back through the layers' uses. Inputs of a use are visited
 * in order.
 */
interface Traversal {
  /** Layers in the order of their first visit. */
  met: readonly Layer[];
  /** Uses in post-order: each comes after all that it needs. */
  finished: readonly LayerNode[];
}

function traverse(outputs: readonly SymbolicTensor[]): Traversal {
  const met = new Set<Layer>();
  const finished = new Set<LayerNode>();
  const begun = new Set<LayerNode>();
  // An explicit stack, as a model may have more layers than the call stack holds.
  const stack = outputs.map(({ node }) => node).reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (begun.has(node)) {
      finished.add(node);
      stack.pop();
      continue;
    }
    begun.add(node);
    met.add(node.layer);
    for (const input of [...node.inputs].reverse()) {
      if (!begun.has(input.node)) stack.push(input.node);
    }
  }
  return { met: [...met], finished: [...finished] };
}

/**
 * The layers that lead to `outputs`, inputs included, deepest first, as TF.js and Keras order them. The depth
 * of a use is the length of the longest path from it to an output. The depth of a layer is the largest depth
 * of its uses, which also raises the depth of uses that are processed later. Layers of equal depth are in the
 * order in which a search from the outputs visits them.
 */
export function layersByDepth(outputs: readonly SymbolicTensor[]): Layer[] {
  const { met, finished } = traverse(outputs);
  const depthOfUse = new Map<LayerNode, number>();
  const depthOfLayer = new Map<Layer, number>();
  for (const node of [...finished].reverse()) {
    const depth = Math.max(depthOfUse.get(node) ?? 0, depthOfLayer.get(node.layer) ?? 0);
    depthOfLayer.set(node.layer, depth);
    for (const { node: before } of node.inputs) {
      depthOfUse.set(before, Math.max(depthOfUse.get(before) ?? 0, depth + 1));
    }
  }
  return [...met].sort((a, b) => (depthOfLayer.get(b) as number) - (depthOfLayer.get(a) as number));
}

/**
 * For each layer, its uses among `nodes`, in the order in which TF.js creates them when it loads a file;
 * references number uses in that order. TF.js passes through the layers repeatedly and creates each use whose
 * inputs exist. The result is the order of the calls of `apply`, unless an earlier use has to wait for its
 * inputs.
 */
export function usesByLayer(
  layers: readonly Layer[],
  nodes: ReadonlySet<LayerNode>,
): ReadonlyMap<Layer, readonly LayerNode[]> {
  const uses = new Map<Layer, LayerNode[]>(layers.map((layer) => [layer, []]));
  const isInput = (node: LayerNode) => node.inputs.length === 0;
  const made = new Set<LayerNode>();
  for (const node of [...nodes].filter(isInput)) {
    uses.get(node.layer)?.push(node);
    made.add(node);
  }
  let waiting = layers.map((layer) => ({ layer, pending: layer.nodes.filter((node) => nodes.has(node)) }));
  while (waiting.length > 0) {
    waiting = waiting.flatMap(({ layer, pending }) => {
      const left = pending.filter((node) => {
        if (!node.inputs.every((input) => made.has(input.node))) return true;
        uses.get(layer)?.push(node);
        made.add(node);
        return false;
      });
      return left.length > 0 ? [{ layer, pending: left }] : [];
    });
  }
  return uses;
}
