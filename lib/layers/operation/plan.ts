import type { OptionChecks } from '../../options.js';
import { type AnyContract, CONTRACTS, outputsOf } from '../../program/contracts/index.js';
import type {
  AttributesOf,
  OpName,
  ParameterDescription,
  Shape,
  ValueReference,
} from '../../program/description.js';
import type { LoweredNode, Lowering } from '../lower.js';

/** A value that an operation computes or takes. */
export interface Value {
  readonly kind: 'value';
  /** Its shape without the batch. */
  readonly shape: Shape;
  /** An input, counted from 0, or an output of a node of the plan. The nodes are counted after the inputs. */
  readonly reference: ValueReference;
}

/** A constant tensor, which is a weight of the operation. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: Shape;
  /** Which of the operation's weights it is. */
  readonly index: number;
  readonly name: string;
  readonly trainable: boolean;
}

interface PlannedNode {
  op: OpName;
  inputs: readonly ValueReference[];
  attributes: unknown;
  parameters: readonly ParameterDescription[];
}

/** The parameters of a node: the constant for each, with the shape that the op wants of it. */
export type PlanParameters = Readonly<Record<string, { constant: Constant; shape?: Shape }>>;

/**
 * The nodes that an operation becomes for inputs of known shapes. It serves to infer shapes, and to add the
 * nodes to a program.
 */
export class Plan {
  readonly inputs: readonly Value[];
  readonly checks: OptionChecks;
  readonly #nodes: PlannedNode[] = [];
  readonly #used: number[] = [];

  constructor(checks: OptionChecks, shapes: readonly Shape[]) {
    this.checks = checks;
    this.inputs = shapes.map((shape, reference) => ({ kind: 'value', shape, reference }));
  }

  /** Adds a node and returns its first output. */
  add<Op extends OpName>(
    op: Op,
    inputs: readonly Value[],
    attributes: AttributesOf<Op>,
    parameters: PlanParameters = {},
  ): Value {
    return this.addAll(op, inputs, attributes, parameters)[0];
  }

  /** Adds a node and returns its outputs. Throws what the op's contract throws. */
  addAll<Op extends OpName>(
    op: Op,
    inputs: readonly Value[],
    attributes: AttributesOf<Op>,
    parameters: PlanParameters = {},
  ): Value[] {
    const described = Object.entries(parameters).map(([name, { constant, shape = constant.shape }]) => ({
      name,
      shape,
      ...(!constant.trainable && { trainable: false }),
    }));
    const outputs = outputsOf(CONTRACTS.get(op) as AnyContract, {
      attributes,
      inputs: inputs.map(({ shape }) => shape),
      parameters: Object.fromEntries(described.map(({ name, shape }) => [name, shape])),
      fail: (code, message) => this.checks.fail(code, message),
    });
    this.#used.push(...Object.values(parameters).map(({ constant }) => constant.index));
    const index = this.inputs.length + this.#nodes.length;
    const references = inputs.map(({ reference }) => reference);
    this.#nodes.push({ op, inputs: references, attributes, parameters: described });
    return outputs.map(({ shape }, i) => ({
      kind: 'value',
      shape,
      reference: i === 0 ? index : [index, i],
    }));
  }

  /** Throws INVALID_ARGUMENT unless each of `count` constants is the parameter of one node, in their order. */
  checkConstants(count: number): void {
    if (this.#used.length === count && this.#used.every((index, i) => index === i)) return;
    this.checks.fail('INVALID_ARGUMENT', 'it has a tensor where it takes none; give a value of the model.');
  }

  /**
   * Adds the nodes to a program and returns the node of each output. The node of the first output has the
   * operation's name.
   */
  lower(lowering: Lowering, name: string, inputs: readonly number[], outputs: readonly Value[]): number[] {
    const indexes = [...inputs];
    const resolve = (reference: ValueReference): ValueReference =>
      typeof reference === 'number' ? indexes[reference] : [indexes[reference[0]], reference[1]];
    const names = this.#names(name, nodeOf(outputs[0].reference));
    for (const [i, node] of this.#nodes.entries()) {
      const lowered = { ...node, name: names[i], inputs: node.inputs.map(resolve) };
      indexes.push(lowering.add(lowered as LoweredNode));
    }
    return outputs.map(({ reference, shape }, i) => {
      const resolved = resolve(reference);
      if (typeof resolved === 'number') return resolved;
      // Only first outputs of nodes are outputs of layers. A reshape copies nothing.
      const part = `${name}/output_${i + 1}`;
      return lowering.add({ name: part, op: 'reshape', inputs: [resolved], attributes: { shape } });
    });
  }

  /** The names of the nodes: "mul" for the first output, "mul/broadcast" and "mul/broadcast_2" before it. */
  #names(name: string, main: number): string[] {
    const counts = new Map<string, number>();
    return this.#nodes.map(({ op }, i) => {
      if (this.inputs.length + i === main) return name;
      const count = (counts.get(op) ?? 0) + 1;
      counts.set(op, count);
      return `${name}/${op}${count > 1 ? `_${count}` : ''}`;
    });
  }
}

function nodeOf(reference: ValueReference): number {
  return typeof reference === 'number' ? reference : reference[0];
}
