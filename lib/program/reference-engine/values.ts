import type { Shape, ValueReference } from '../description.js';

/** An output of a node. */
export interface PlannedValue {
  /** Index of the node. */
  readonly node: number;
  readonly shape: Shape;
  /** Samples of the value per sample of the batch: 1 except between `fold` and `unfold`. */
  readonly folds: number;
}

/** The values of a program, in the order of nodes and of their outputs. Inputs come first. */
export class Values {
  readonly list: PlannedValue[] = [];
  /** The index of each node's first value; the others follow. */
  readonly #firsts: number[] = [];

  /** Adds the outputs of the next node. Returns the index of the first. */
  add(shapes: readonly Shape[], folds = 1): number {
    const first = this.list.length;
    const node = this.nodes;
    this.#firsts.push(first);
    this.list.push(...shapes.map((shape) => ({ node, shape, folds })));
    return first;
  }

  /** The number of nodes so far. */
  get nodes(): number {
    return this.#firsts.length;
  }

  /** The index of the value that a reference names, or undefined if there is none so far. */
  find(reference: ValueReference): number | undefined {
    const [node, output] = Array.isArray(reference) ? reference : [reference, 0];
    if (!Number.isInteger(output) || output < 0) return undefined;
    const value = this.#firsts[node] + output;
    return this.list[value]?.node === node ? value : undefined;
  }
}

/** "node 3", or "output 1 of node 3". */
export function showValue(reference: ValueReference): string {
  const [node, output] = Array.isArray(reference) ? reference : [reference, 0];
  return output === 0 ? `node ${node}` : `output ${output} of node ${node}`;
}
