import {
  describeProgram,
  shapeOf,
  type NodeDescription,
  type ProgramDescription,
  type Shape,
  type ValueReference,
} from '../../lib/program/description.js';
import { describeNode, inputNode, type Link, type Training } from './chain.js';

/**
 * Builds a program that is no chain, node by node. Nodes are known by their indices; the inputs come first.
 */
export class Graph {
  readonly nodes: NodeDescription[];

  constructor(...inputs: Shape[]) {
    this.nodes = inputs.map((shape, index) => inputNode(shape, index === 0 ? 'input' : `input_${index}`));
  }

  /** Appends a chain of links to a node or to several values. Returns the index of the last link. */
  after(inputs: number | readonly ValueReference[], ...links: readonly Link[]): number {
    let from = typeof inputs === 'number' ? [inputs] : inputs;
    let last = -1;
    for (const link of links) {
      const shapes = from.map((input) => shapeOf(this.nodes, input));
      const node = link(shapes[0]);
      const described = describeNode(node, `${node.op}_${this.nodes.length}`, from, shapes);
      last = this.nodes.push(described) - 1;
      from = [last];
    }
    return last;
  }

  /** Applies a node again, with the same weights, to a value of the same shape. Returns the new index. */
  again(owner: number, input: number): number {
    const name = `${this.nodes[owner].name}_again_${this.nodes.length}`;
    return this.nodes.push({ ...this.nodes[owner], name, inputs: [input], sharesWith: owner }) - 1;
  }

  /** Freezes parameters of a node: all, or those of these names. */
  freeze(node: number, ...names: string[]): void {
    const parameters = this.nodes[node].parameters.map((parameter) =>
      names.length === 0 || names.includes(parameter.name) ? { ...parameter, trainable: false } : parameter,
    );
    this.nodes[node] = { ...this.nodes[node], parameters };
  }

  describe(training?: Training, outputs?: readonly ValueReference[]): ProgramDescription {
    return describeProgram({ nodes: this.nodes, outputs }, { training });
  }
}

/** The sum of several nodes. */
export const add: Link = () => ({ op: 'add', attributes: {}, parameters: [] });
