import { nodeOf, type NodeDescription, type Shape, type ValueReference } from '../../program/description.js';
import type { DType } from '../../program/dtype.js';
import { sameShape } from '../../tensor/shapes.js';

/** The value of a node's attribute. Numbers are whole, except those in FLOAT_ATTRIBUTES of encode.ts. */
export type WrittenAttribute = number | string | readonly number[];

/** A node of the file, NodeProto. */
export interface WrittenNode {
  name: string;
  opType: string;
  /** Names of values; '' for one that is left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, WrittenAttribute>>;
}

/** A weight of the program as the file holds it: reshaped, then transposed. */
export interface WrittenWeight {
  /** Index among the program's weights. */
  index: number;
  /** The shape before it is transposed. */
  from: Shape;
  /** The axis of `from` for each axis in the file. */
  axes: readonly number[];
}

/** A tensor of the file, TensorProto. */
export interface WrittenTensor {
  name: string;
  dtype: 'float32' | 'int64';
  shape: Shape;
  values: Float32Array | BigInt64Array | WrittenWeight;
}

/** An input or output of the graph, ValueInfoProto. */
export interface WrittenPort {
  name: string;
  dtype: DType;
  /** Sizes, or names of those that may vary. */
  shape: readonly (number | string)[];
}

/** A graph with its inputs and outputs. */
export interface WrittenGraph {
  graph: GraphWriter;
  inputs: readonly WrittenPort[];
  outputs: readonly WrittenPort[];
}

/**
 * A tensor of the file that holds a value of the program. Axis 0 is the batch; `axes` has the value's axis for
 * each of the others.
 */
export interface Form {
  name: string;
  axes: readonly number[];
}

/** The order of axes in which the program has a value: channels last. */
export function lastAxes(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** The order of axes in which ONNX computes on images: channels first. */
export function firstAxes(rank: number): number[] {
  return rank === 0 ? [] : [rank - 1, ...lastAxes(rank - 1)];
}

/**
 * Collects the nodes and tensors of an ONNX graph. A value of the program may be there in several forms,
 * which differ in the order of axes. A Transpose is written only when an op needs a form that isn't there.
 */
export class GraphWriter {
  readonly nodes: WrittenNode[] = [];
  readonly tensors: WrittenTensor[] = [];
  /** The program for each of several sizes, where the model leaves sizes open. */
  readonly programs: readonly (readonly NodeDescription[])[];
  /** The outputs of the program. */
  readonly outputs: readonly ValueReference[];
  readonly #forms = new Map<string, Form[]>();
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, string>();
  /** Index of the first weight of each node that has weights of its own. */
  readonly #weights = new Map<number, number>();

  constructor(programs: readonly (readonly NodeDescription[])[], outputs: readonly ValueReference[]) {
    this.programs = programs;
    this.outputs = outputs;
    let next = 0;
    for (const [i, { parameters, sharesWith }] of this.program.entries()) {
      if (sharesWith !== undefined) continue;
      this.#weights.set(i, next);
      next += parameters.length;
    }
  }

  /** The program for the first of the sizes. */
  get program(): readonly NodeDescription[] {
    return this.programs[0];
  }

  /** Reserves a name that is unique in the graph: the given one, or that with a number. */
  unique(name: string): string {
    let found = name;
    for (let number = 1; this.#names.has(found); number++) found = `${name}_${number}`;
    this.#names.add(found);
    return found;
  }

  /** Appends a node and returns the names of its outputs. */
  add(
    name: string,
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, WrittenAttribute>> = {},
    count = 1,
  ): string[] {
    const own = this.unique(name);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? own : this.unique(`${own}/${i}`)));
    this.nodes.push({ name: own, opType, inputs, outputs, attributes });
    return outputs;
  }

  /** A constant tensor of float32, or of int64 for whole numbers that ops take as sizes, axes and the like. */
  constant(kind: 'float' | 'int', shape: Shape, values: readonly number[]): string {
    const key = `${kind} ${shape.join('x')}: ${values.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.unique(`${kind === 'int' ? 'sizes' : 'constant'}_${this.#constants.size + 1}`);
    const array = kind === 'int' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    this.tensors.push({ name, dtype: kind === 'int' ? 'int64' : 'float32', shape, values: array });
    this.#constants.set(key, name);
    return name;
  }

  /** The tensor of a node's parameter, transposed to these axes of `shape`; undefined if the node has none. */
  parameter(node: number, parameter: string, shape?: Shape, axes?: readonly number[]): string | undefined {
    const owner = this.program[node].sharesWith ?? node;
    const { name, parameters } = this.program[owner];
    const place = parameters.findIndex((each) => each.name === parameter);
    if (place < 0) return undefined;
    const { shape: from = parameters[place].shape } = { shape };
    const order = axes ?? lastAxes(from.length);
    const key = `${owner} ${parameter} ${from.join('x')} ${order.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const index = (this.#weights.get(owner) as number) + place;
    const written = this.unique(`${name}/${parameter}`);
    this.tensors.push({
      name: written,
      dtype: 'float32',
      shape: order.map((axis) => from[axis]),
      values: { index, from, axes: order },
    });
    this.#constants.set(key, written);
    return written;
  }

  /** The forms in which a value is there so far. */
  forms(value: ValueReference): readonly Form[] {
    return this.#forms.get(keyOf(value)) ?? [];
  }

  /** Adds a form of a value. */
  give(value: ValueReference, form: Form): void {
    const key = keyOf(value);
    this.#forms.set(key, [...(this.#forms.get(key) ?? []), form]);
  }

  /** The tensor that holds a value with its axes in this order. */
  take(value: ValueReference, axes: readonly number[]): string {
    const forms = this.forms(value);
    const known = forms.find((form) => sameShape(form.axes, axes));
    if (known) return known.name;
    const [{ name, axes: from }] = forms;
    const perm = [0, ...axes.map((axis) => from.indexOf(axis) + 1)];
    const [turned] = this.add(`${this.program[nodeOf(value)].name}/Transpose`, 'Transpose', [name], { perm });
    this.give(value, { name: turned, axes });
    return turned;
  }

  /** The order of axes in which most of these values are there. */
  commonAxes(values: readonly ValueReference[]): readonly number[] {
    const candidates = values.flatMap((value) => this.forms(value).map(({ axes }) => axes));
    const count = (axes: readonly number[]) =>
      values.filter((value) => this.forms(value).some((form) => sameShape(form.axes, axes))).length;
    return candidates.reduce((best, axes) => (count(axes) > count(best) ? axes : best));
  }

  /** Names a value, which no node may have named as an output yet, as an output of the graph. */
  nameOutput(value: string, output: string): void {
    const renamed = (name: string) => (name === value ? output : name);
    for (const node of this.nodes) {
      node.inputs = node.inputs.map(renamed);
      node.outputs = node.outputs.map(renamed);
    }
    for (const [key, forms] of this.#forms)
      this.#forms.set(
        key,
        forms.map(({ name, axes }) => ({ name: renamed(name), axes })),
      );
  }
}

function keyOf(value: ValueReference): string {
  return typeof value === 'number' ? `${value}:0` : value.join(':');
}
