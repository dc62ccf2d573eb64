import { ConvforgeError } from '../../errors.js';
import type { SampleShape } from '../../layers/shapes.js';
import { commonShape } from '../../layers/unknown-sizes.js';
import { type NodeDescription, nodeOf, type OpName, type Shape, shapeOf } from '../../program/description.js';
import { sameShape } from '../../tensor/shapes.js';
import { firstAxes, type GraphWriter, lastAxes, type WrittenAttribute } from './graph.js';

/** A node of the program for one of the sizes that the model may have. */
interface Variant<Op extends OpName> {
  attributes: NodeDescription<Op>['attributes'];
  /** The shape of each input, without the batch. */
  inputs: readonly Shape[];
  /** The shape of the first output, without the batch. */
  output: Shape;
}

/**
 * One node of the program while it is written. If the model leaves sizes open, the program is there for several
 * sizes, and what is written must be alike for all of them.
 */
export class NodeWriter<Op extends OpName = OpName> {
  readonly node: NodeDescription<Op>;
  readonly variants: readonly Variant<Op>[];
  readonly #graph: GraphWriter;
  readonly #index: number;

  constructor(graph: GraphWriter, index: number) {
    this.#graph = graph;
    this.#index = index;
    this.node = graph.program[index] as NodeDescription<Op>;
    this.variants = graph.programs.map((nodes) => {
      const { attributes, inputs, outputs } = nodes[index] as NodeDescription<Op>;
      const shapes = inputs.map((input) => shapeOf(nodes, input));
      return { attributes, inputs: shapes, output: outputs[0].shape };
    });
  }

  /** The attributes. Throws UNSUPPORTED if they depend on open sizes. */
  get attributes(): NodeDescription<Op>['attributes'] {
    return this.common(({ attributes }) => attributes) ?? this.failOpen();
  }

  /** What is alike for all sizes; undefined if it isn't. */
  common<T>(pick: (variant: Variant<Op>) => T): T | undefined {
    const [first, ...others] = this.variants.map(pick);
    const text = JSON.stringify(first);
    return others.every((other) => JSON.stringify(other) === text) ? first : undefined;
  }

  /** The shape of an input, without the batch; null for sizes that are open. */
  shape(input = 0): SampleShape {
    return commonShape(this.variants.map(({ inputs }) => inputs[input]));
  }

  /** The shape of the first input, or a part of it. Throws UNSUPPORTED if a size is open. */
  known(start = 0, end?: number): Shape {
    return this.shape()
      .slice(start, end)
      .map((size) => size ?? this.failOpen());
  }

  failOpen(): never {
    return this.unsupported(
      'what it computes depends on sizes that the model leaves open; give them in inputShape to write ONNX.',
    );
  }

  /** The tensor of an input with channels last, as the program has it. */
  last(input = 0): string {
    return this.#graph.take(this.node.inputs[input], lastAxes(this.shape(input).length));
  }

  /** The tensor of an input with channels first. */
  first(input = 0): string {
    return this.#graph.take(this.node.inputs[input], firstAxes(this.shape(input).length));
  }

  /** The tensors of all inputs, with their axes in one order, that which needs the fewest transposes. */
  alike(): { names: string[]; axes: readonly number[] } {
    const { inputs } = this.node;
    const axes = this.#graph.commonAxes(inputs);
    return { names: inputs.map((input) => this.#graph.take(input, axes)), axes };
  }

  /**
   * The same for inputs that are repeated as NumPy does it: those with fewer axes than the output get sizes of 1
   * behind the batch.
   */
  aligned(): { names: string[]; axes: readonly number[] } {
    const { inputs } = this.node;
    const rank = this.variants[0].output.length;
    const whole = inputs.filter((_, input) => this.shape(input).length === rank);
    const axes = whole.length > 0 ? this.#graph.commonAxes(whole) : lastAxes(rank);
    const names = inputs.map((given, input) => {
      const added = rank - this.shape(input).length;
      if (added === 0) return this.#graph.take(given, axes);
      const full = this.extended(input, lastAxes(rank - added), rank);
      const perm = [0, ...axes.map((axis) => axis + 1)];
      return sameShape(axes, lastAxes(rank)) ? full : this.add('Transpose', [full], { perm });
    });
    return { names, axes };
  }

  /** The tensor of an input with its axes in this order, behind as many sizes of 1 as make `rank` axes. */
  extended(input: number, axes: readonly number[], rank: number): string {
    const name = this.take(input, axes);
    if (axes.length === rank) return name;
    const shape = this.shape(input);
    const sizes = axes.map((axis) => shape[axis] ?? -1);
    if (sizes.filter((size) => size < 0).length > 1) this.failOpen();
    const ones = new Array<number>(rank - axes.length).fill(1);
    return this.add('Reshape', [name, this.ints([0, ...ones, ...sizes])]);
  }

  /** The tensor of an input with its axes in this order. */
  take(input: number, axes: readonly number[]): string {
    return this.#graph.take(this.node.inputs[input], axes);
  }

  /** Whether the first input is there with channels first, but not with channels last. */
  get isFirst(): boolean {
    const rank = this.shape().length;
    const forms = this.#graph.forms(this.node.inputs[0]);
    const has = (axes: readonly number[]) => forms.some((form) => sameShape(form.axes, axes));
    return has(firstAxes(rank)) && !has(lastAxes(rank));
  }

  /** The nodes that read the output, and whether it is an output of the program. */
  get uses(): { nodes: readonly number[]; isOutput: boolean } {
    const { program, outputs } = this.#graph;
    const reads = ({ inputs }: NodeDescription) => inputs.some((input) => nodeOf(input) === this.#index);
    const nodes = [...program.keys()].filter((index) => reads(program[index]));
    return { nodes, isOutput: outputs.some((output) => nodeOf(output) === this.#index) };
  }

  /** A writer of another node. */
  other(index: number): NodeWriter {
    return new NodeWriter(this.#graph, index);
  }

  /** Appends a node with one output and returns its name. */
  add(
    opType: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, WrittenAttribute>> = {},
  ): string {
    const given = inputs.map((input) => input ?? '');
    while (given.at(-1) === '') given.pop();
    return this.#graph.add(this.node.name, opType, given, attributes)[0];
  }

  /** Appends a node with an output for each of the program node's. */
  addSeveral(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, WrittenAttribute>>,
  ): string[] {
    return this.#graph.add(this.node.name, opType, inputs, attributes, this.node.outputs.length);
  }

  /** A scalar of float32. */
  number(value: number): string {
    return this.floats([], [value]);
  }

  /** A tensor of float32. */
  floats(shape: Shape, values: readonly number[]): string {
    return this.#graph.constant('float', shape, values);
  }

  /** A vector of int64. */
  ints(values: readonly number[]): string {
    return this.intTensor([values.length], values);
  }

  /** A tensor of int64. */
  intTensor(shape: Shape, values: readonly number[]): string {
    return this.#graph.constant('int', shape, values);
  }

  /** The tensor of a parameter, reshaped and then transposed; undefined if the node has none. */
  parameter(name: string, shape?: Shape, axes?: readonly number[]): string | undefined {
    return this.#graph.parameter(this.#index, name, shape, axes);
  }

  /** Says which tensor has an output of the node, with its axes in this order. */
  give(name: string, axes: readonly number[] = this.lastAxes, output = 0): void {
    this.#graph.give(output === 0 ? this.#index : [this.#index, output], { name, axes });
  }

  /** The same for a tensor with channels first. */
  giveFirst(name: string): void {
    this.give(name, firstAxes(this.lastAxes.length));
  }

  private get lastAxes(): number[] {
    return lastAxes(this.variants[0].output.length);
  }

  /** Says that the output is the input, with its axes renumbered. */
  pass(renumber: (axes: readonly number[]) => readonly number[] = (axes) => axes): void {
    for (const { name, axes } of this.#graph.forms(this.node.inputs[0])) this.give(name, renumber(axes));
  }

  unsupported(problem: string): never {
    const { name } = this.node;
    throw new ConvforgeError('UNSUPPORTED', `${name}: ${problem}`, { layer: name });
  }
}
