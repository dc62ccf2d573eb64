import type { Operation } from '../layers/operation/index.js';
import { show } from '../options.js';
import { showShape } from '../tensor/shapes.js';
import type { JsonObject } from './read-model-json.js';

/** A shape with the batch in front; null for sizes that may be any. */
type OpenShape = readonly (number | null)[];

/** An argument of an operation: a value of the model, a tensor, or a number. */
export type OperationArgument =
  | { readonly kind: 'value'; readonly shape: OpenShape }
  | { readonly kind: 'constant'; readonly shape: readonly number[] }
  | { readonly kind: 'number'; readonly value: number };

/** What an operator of Keras takes: an argument of the operation, the result of a step before, or plain data. */
export type StepArgument =
  | { readonly argument: number }
  | { readonly step: number }
  | JsonObject
  | unknown[]
  | number;

/** An operator of Keras, which is a part of what an operation does. */
export interface KerasStep {
  readonly className: string;
  /** The module in `keras.src.ops`. Default 'numpy'. */
  readonly module?: string;
  readonly config?: JsonObject;
  readonly args: readonly StepArgument[];
  readonly kwargs?: JsonObject;
}

/** Says what of an operation Keras lacks. */
export class KerasLacks extends Error {}

/** An operation to be written for Keras, with its arguments. */
export class OperationUse {
  readonly op: string;
  readonly arguments: readonly OperationArgument[];
  readonly outputs: readonly OpenShape[];
  readonly #attributes: JsonObject;

  constructor(layer: Operation) {
    const [node] = layer.nodes;
    this.op = layer.op;
    this.#attributes = layer.attributes;
    this.outputs = node.outputs.map(({ shape }) => shape);
    const args: OperationArgument[] = node.inputs.map(({ shape }) => ({ kind: 'value', shape }));
    for (const constant of layer.constants) {
      const { position } = constant;
      if ('value' in constant) args.splice(position, 0, { kind: 'number', value: constant.value });
      else if (constant.trainable) this.fail('it has a constant that is trained');
      else args.splice(position, 0, { kind: 'constant', shape: constant.shape });
    }
    this.arguments = args;
  }

  fail(problem: string): never {
    throw new KerasLacks(problem);
  }

  /** An attribute, which must be plain; undefined if it isn't given. */
  given(name: string): unknown {
    const value = this.#attributes[name];
    if (JSON.stringify(value ?? null).includes('{')) this.fail(`its ${name} is computed from sizes`);
    return value;
  }

  number(name: string, fallback: number): number {
    return (this.given(name) as number | undefined) ?? fallback;
  }

  list(name: string): number[] {
    const value = this.given(name);
    return (Array.isArray(value) ? value : [value]) as number[];
  }

  flag(name: string): boolean {
    return this.given(name) === true;
  }

  rank(argument = 0): number {
    const given = this.arguments[argument];
    return given.kind === 'number' ? 0 : given.shape.length;
  }

  /** An axis counted from 0, the batch. */
  axis(name: string, fallback?: number, rank = this.rank()): number {
    const axis = (this.given(name) as number | undefined) ?? fallback ?? 0;
    return axis < 0 ? axis + rank : axis;
  }

  axes(name: string): number[] {
    return this.list(name).map((axis) => (axis < 0 ? axis + this.rank() : axis));
  }

  /** The sizes of an output behind the batch. */
  sizes(output = 0): number[] {
    const shape = this.outputs[output].slice(1);
    if (shape.every((size) => size !== null)) return shape;
    return this.fail(`it makes ${showShape(this.outputs[output])}, and Keras must know these sizes`);
  }

  /** Throws for other values than these. */
  only(name: string, value: unknown, wanted: unknown): void {
    if (value !== wanted) this.fail(`its ${name} is ${show(value)}`);
  }
}
