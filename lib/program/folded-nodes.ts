import { type NodeDescription, nodeOf } from './description.js';

/** Indexes of the nodes between `fold` and `unfold`. Their values are of steps, not of samples. */
export function foldedNodes(nodes: readonly NodeDescription[]): ReadonlySet<number> {
  const depths: number[] = [];
  for (const { op, inputs } of nodes) {
    const depth = inputs.length === 0 ? 0 : depths[nodeOf(inputs[0])];
    depths.push(op === 'fold' ? depth + 1 : op === 'unfold' ? depth - 1 : depth);
  }
  return new Set([...depths.keys()].filter((node) => depths[node] > 0));
}
