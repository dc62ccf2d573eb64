import type { ValueReference } from '../description.js';

/**
 * The value that a reference names among those of the first `nodes` nodes, if it is one. Every op has one output so far, so values are
 * numbered as nodes are.
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
