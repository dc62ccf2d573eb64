import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** A tensor that a file holds among the arguments of an operator. */
export interface OperatorConstant {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** What a step takes: a value of the model as Keras writes it, a tensor, a number, or a step before it. */
export type OperatorInput =
  | { readonly tensor: JsonObject }
  | { readonly constant: OperatorConstant }
  | { readonly step: number; readonly output?: number }
  | number;

/** A part of what an operator of Keras does: an operation, or a layer of this class. */
export interface OperatorStep {
  readonly op?: string;
  readonly layer?: string;
  /** Attributes of the operation, options of the layer. */
  readonly options?: JsonObject;
  readonly inputs: readonly OperatorInput[];
}

/** A use of an operator of `keras.ops` in a file. */
export class Operator {
  readonly #config: JsonObject;
  readonly #args: readonly unknown[];
  readonly #kwargs: JsonObject;
  readonly #fail: (problem: string) => never;

  /** @param fail Throws UNSUPPORTED, naming the operator. */
  constructor(config: JsonObject, node: unknown, fail: (problem: string) => never) {
    this.#config = config;
    const { args, kwargs } = isObject(node) ? node : {};
    this.#args = Array.isArray(args) ? args : [];
    this.#kwargs = isObject(kwargs) ? kwargs : {};
    this.#fail = fail;
  }

  fail(problem: string): never {
    return this.#fail(problem);
  }

  /** Throws unless the operator has these options and arguments alone. */
  check(parameters: readonly string[], options: readonly string[]): void {
    const isOther =
      (known: readonly string[]) =>
      ([name, value]: [string, unknown]) =>
        value !== null && !known.includes(name);
    const { name: _, trainable: __, dtype, ...own } = this.#config;
    // A policy of types is an object.
    const config = isObject(dtype) ? own : { ...own, dtype: dtype ?? null };
    const option = Object.entries(config).find(isOther(options));
    if (option) this.fail(`has the option ${option[0]} ${show(option[1])}`);
    const argument = Object.entries(this.#kwargs).find(isOther(parameters));
    if (argument) this.fail(`is called with ${argument[0]} ${show(argument[1])}`);
    if (this.#args.length > parameters.length) this.fail(`is called with ${this.#args.length} arguments`);
  }

  /** An option; undefined if it is missing or null. */
  option(name: string): unknown {
    return this.#config[name] ?? undefined;
  }

  /** An argument as it is written, by its place or its name. */
  written(place: number, name: string): unknown {
    return this.#args[place] ?? this.#kwargs[name] ?? undefined;
  }

  /** An argument that is a value of the model, a tensor or a number. */
  input(place: number, name: string): OperatorInput {
    return this.asInput(this.written(place, name));
  }

  asInput(value: unknown): OperatorInput {
    if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
    if (isObject(value)) {
      const { class_name: className, config } = value;
      if (className === '__keras_tensor__') return { tensor: value };
      const isTensor = className === '__tensor__' || className === '__numpy__';
      if (isTensor && isObject(config)) return { constant: this.#constant(config.value) };
    }
    return this.fail(`takes ${show(value)}, which is neither a value of the model nor a tensor`);
  }

  /** An argument that is a list of these. */
  inputs(place: number, name: string): OperatorInput[] {
    const list = this.written(place, name);
    if (Array.isArray(list)) return list.map((each) => this.asInput(each));
    return this.fail(`takes ${show(list)} where a list of values must be`);
  }

  /** The shape of an argument with the batch in front, as the file says; null for sizes that may be any. */
  shapeOf(input: OperatorInput): readonly (number | null)[] {
    if (typeof input === 'number') return [];
    if ('constant' in input) return input.constant.shape;
    const config = 'tensor' in input && isObject(input.tensor.config) ? input.tensor.config : {};
    const { shape } = config;
    const isSize = (size: unknown) => size === null || Number.isSafeInteger(size);
    if (Array.isArray(shape) && shape.every(isSize)) return shape;
    return this.fail('takes a value without a shape');
  }

  /** A whole number, or a list of them as one. */
  whole(name: string, value: unknown = this.option(name)): number {
    if (Number.isSafeInteger(value)) return value as number;
    return this.fail(`has the ${name} ${show(value)}; it must be a whole number`);
  }

  wholes(name: string, value: unknown = this.option(name)): number[] {
    return (Array.isArray(value) ? value : [value]).map((each) => this.whole(name, each));
  }

  /** An axis, counted from 0 with the batch. */
  axis(name: string, rank: number): number {
    const axis = this.whole(name);
    return axis < 0 ? axis + rank : axis;
  }

  #constant(value: unknown): OperatorConstant {
    const shape: number[] = [];
    for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
    const values = [value].flat(shape.length as 1);
    const isNumber = (each: unknown) => typeof each === 'number' || typeof each === 'boolean';
    if (values.length === 0 || values.length !== sizeOf(shape) || !values.every(isNumber))
      return this.fail(`takes a tensor that isn't one of numbers`);
    return { shape, values: Float32Array.from(values, Number) };
  }
}
