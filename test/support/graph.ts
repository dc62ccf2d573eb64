import type { NodeDescription, ProgramDescription, Shape } from '../../lib/program/description.js';
import type { Link, Training } from './chain.js';

/** Adds nodes one by one to a program that is no chain. Nodes are known by their indexes; node 0 is the input. */
export class Graph {
  readonly nodes: NodeDescription[];

  constructor(inputShape: Shape) {
    this.nodes = [
      { name: 'input', op: 'input', inputs: [], attributes: {}, parameters: [], shape: inputShape },
    ];
  }

  /** Appends the links one after another, the first on the nodes `inputs`; returns the last one's index. */
  after(inputs: number | readonly number[], ...links: readonly Link[]): number {
    let from = [inputs].flat();
    for (const link of links) {
      const node = link(this.nodes[from[0]].shape);
      const index = this.nodes.push({ name: `${node.op}_${this.nodes.length}`, inputs: from, ...node }) - 1;
      from = [index];
    }
    return from[0];
  }

  describe(training?: Training): ProgramDescription {
    return { nodes: this.nodes, training };
  }
}

/** The sum of several nodes. */
export const add: Link = (shape) => ({ op: 'add', attributes: {}, parameters: [], shape });
