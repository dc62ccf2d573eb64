import type { ValueReference } from '../description.js';

/**
 * The index of the value that a reference names among those of the first `nodes` nodes, or undefined. A value
 * has the index of its node, since all current ops have one output.
 */
export function findValue(reference: ValueReference, nodes: number): number | undefined {
  const [node, output] = Array.isArray(reference) ? reference : [reference, 0];
  return Number.isInteger(node) && node >= 0 && node < nodes && output === 0 ? node : undefined;
}

/** "node 3", or "output 1 of node 3". */
export function showValue(reference: ValueReference): string {
  const [node, output] = Array.isArray(reference) ? reference : [reference, 0];
  return output === 0 ? `node ${node}` : `output ${output} of node ${node}`;
}
