import { nodeOf, type NodeDescription, type ValueReference } from '../program/description.js';
import type { LoweredModel } from './lower.js';

/**
 * Leaves out nodes that no output needs, since engines refuse them: a part of a split that goes unused, or a
 * value of which an operation takes the sizes alone. Inputs and nodes with weights stay.
 */
export function withoutUnused(lowered: LoweredModel): LoweredModel {
  const { nodes, outputs, layerValues } = lowered;
  const used = usedNodes(nodes, outputs);
  if (used.size === nodes.length) return lowered;
  const indexes = new Map([...used].sort((a, b) => a - b).map((old, index) => [old, index]));
  const moved = (old: number) => indexes.get(old) as number;
  const reference = (value: ValueReference): ValueReference =>
    typeof value === 'number' ? moved(value) : [moved(value[0]), value[1]];
  const kept = nodes.filter((_, index) => used.has(index));
  return {
    ...lowered,
    nodes: kept.map((node) => ({
      ...node,
      inputs: node.inputs.map(reference),
      ...(node.sharesWith !== undefined && { sharesWith: moved(node.sharesWith) }),
    })),
    outputs: outputs.map(moved),
    layerValues: new Map(
      [...layerValues].filter(([, value]) => used.has(value)).map(([name, value]) => [name, moved(value)]),
    ),
  };
}

function usedNodes(nodes: readonly NodeDescription[], outputs: readonly number[]): ReadonlySet<number> {
  const used = new Set(outputs);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { op, parameters, inputs, sharesWith } = nodes[index];
    if (!used.has(index) && op !== 'input' && parameters.length === 0) continue;
    used.add(index);
    for (const input of inputs) used.add(nodeOf(input));
    if (sharesWith !== undefined) used.add(sharesWith);
  }
  return used;
}
